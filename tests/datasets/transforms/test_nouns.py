import sys

import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401
from diffmm.datasets.transforms.nouns import join_nouns


@pytest.mark.parametrize(
    ('tagged', 'nouns'),
    [
        ('a/DT red/JJ ball/NN lies/VBZ on/IN the/DT grass/NN', 'ball grass'),
        ('dogs/NNS chase/VBP a/DT ball/NN and/CC the/DT ball/NN hits/VBZ', 'dogs ball'),
        ('Anna/NNP near/IN two/CD dogs/NNS', 'dogs'),
        ('quickly/RB running/VBG far/RB', ''),
    ],
)
def test_nouns_of_tagged_words(tagged, nouns):
    assert join_nouns(tuple(pair.split('/')) for pair in tagged.split()) == nouns


def keep_nouns(caption, **options):
    return TRANSFORMS.build(dict(type='KeepNouns', **options))(dict(caption=caption))


@pytest.mark.parametrize(
    ('caption', 'nouns'),
    [
        (
            'a red car, a ball and a striped ball on the grass under the clear sky',
            'car ball grass sky',
        ),
        ('a photo of a living room with two people', 'photo room people'),
        ('walking and waving', 'walking and waving'),
    ],
)
def test_nouns_of_the_mini_world(caption, nouns):
    assert keep_nouns(caption, tagger='mini') == dict(caption=nouns)


def test_the_tagger_of_nltk(monkeypatch):
    class Tagger:
        word_tokenize = staticmethod(str.split)

        @staticmethod
        def pos_tag(words):
            return [(word, 'NN' if word == 'zebra' else 'DT') for word in words]

    monkeypatch.setitem(sys.modules, 'nltk', Tagger)
    assert keep_nouns('the zebra there') == dict(caption='zebra')


def test_nltk_is_named_if_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, 'nltk', None)
    with pytest.raises(ModuleNotFoundError, match='needs NLTK .*pip install nltk'):
        keep_nouns('a caption of its own')


def test_unknown_taggers():
    with pytest.raises(ValueError, match="one of .*'mini'.*, got 'spacy'"):
        keep_nouns('a cat', tagger='spacy')


def test_repr():
    nouns = TRANSFORMS.build(dict(type='KeepNouns', tagger='mini'))
    assert repr(nouns) == "KeepNouns(tagger='mini')"
