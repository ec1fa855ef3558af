import pytest

from diffmm.mini_world import SceneSampler
from diffmm.mini_world.checks.parsed_phrase import ParsedPhrase
from diffmm.mini_world.language.phrases import describable, noun_phrase
from diffmm.mini_world.language.vocabulary import article
from tests.mini_world.builders import make_item


def only(text):
    (phrase,) = ParsedPhrase.find_all(text)
    return phrase


def test_things():
    phrase = only('there is a small dotted green box on the grass')
    assert (phrase.name, phrase.size, phrase.texture) == ('box', 'small', 'dotted')
    assert (phrase.color, phrase.count, phrase.pose) == ('green', 1, None)
    assert phrase.text == 'a small dotted green box'


def test_people():
    phrase = only('the large person in a striped red shirt with raised arms')
    assert (phrase.name, phrase.color, phrase.texture) == ('person', 'red', 'striped')
    assert (phrase.size, phrase.pose) == ('large', 'raising')
    assert only('a walking person in blue').pose == 'walking'
    assert only('a person in a garden').color is None


def test_plurals_positions_and_any_object():
    assert (only('three people').name, only('three people').count) == ('person', 3)
    assert only('the nearest car').position == 'nearest'
    assert only('the red object').name is None


def test_surroundings_are_no_objects():
    assert not ParsedPhrase.find_all('on the tall grass under a clear sky')


def test_fits():
    item = make_item('ball', color='blue', size='small')
    assert only('a small blue ball').fits(item)
    assert only('the object').fits(item)
    for text in ('a red ball', 'a large ball', 'a striped ball', 'a blue box'):
        assert not only(text).fits(item)


@pytest.mark.parametrize('pose', [False, True])
def test_reads_what_is_written(pose):
    sampler = SceneSampler(0)
    for index in range(100):
        for item in sampler.sample('train', index).objects:
            attributes = describable(item)
            phrase = only(article(noun_phrase(item, attributes, pose)))
            assert phrase.fits(item) and phrase.name == item.name
            told = {name for name in attributes if getattr(phrase, name)}
            assert told == set(attributes)
            assert phrase.pose == (item.pose if pose else None)
