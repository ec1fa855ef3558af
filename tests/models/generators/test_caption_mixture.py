from __future__ import annotations

from collections import Counter

import pytest
import torch

from diffmm.models.generators import CaptionMixture, Condition

NAMES = ('sky', 'tree', 'box', 'person', 'car')
CAPTIONS = ['two people and a box under the sky', 'a person in a careful pose']


def test_nouns_are_found_as_whole_words_in_both_numbers():
    mixture = CaptionMixture(NAMES)
    assert mixture.find_names(CAPTIONS) == ['sky', 'box', 'person']
    assert mixture.find_names(['Boxes beside trees']) == ['tree', 'box']


def test_a_name_does_not_begin_in_one_caption_and_end_in_the_next():
    mixture = CaptionMixture(['traffic light', 'car'])
    assert mixture.find_names(['cars in traffic', 'light rain']) == ['car']


@pytest.mark.parametrize(
    ('shares', 'expected'),
    [
        (dict(empty_share=1.0), {''}),
        (dict(empty_share=0.0), set(CAPTIONS)),
    ],
)
def test_captions_and_empty_texts(shares, expected):
    mixture = CaptionMixture(NAMES, **shares)
    drawn = {mixture.draw(CAPTIONS) for _ in range(40)}
    assert drawn == {Condition(text=text) for text in expected}


def test_noun_lists_hold_the_nouns_in_any_order():
    mixture = CaptionMixture(NAMES, empty_share=0, noun_share=1)
    drawn = {mixture.draw(CAPTIONS).text for _ in range(60)}
    assert {frozenset(text.split(', ')) for text in drawn} == {
        frozenset({'sky', 'box', 'person'})
    }
    assert len(drawn) == 6


def test_class_names_are_those_of_the_captions_and_some_absent_ones():
    mixture = CaptionMixture(NAMES, empty_share=0, class_share=1, absent_share=0.5)
    drawn = [mixture.draw(CAPTIONS).names for _ in range(200)]
    assert all(set(names[:3]) == {'sky', 'box', 'person'} for names in drawn)
    assert all(len(set(names)) == len(names) for names in drawn)
    lengths = Counter(len(names) for names in drawn)
    assert set(lengths) == {3, 4, 5} and 70 < lengths[3] < 130


def test_without_a_noun_a_caption_is_taken():
    mixture = CaptionMixture(NAMES, empty_share=0, class_share=1)
    assert mixture.draw(['nothing to see']) == Condition(text='nothing to see')


def test_shares_and_torch_s_generator():
    mixture = CaptionMixture(NAMES, empty_share=0.25, noun_share=0.25, class_share=0.25)
    torch.manual_seed(1)
    first = [mixture.draw(CAPTIONS) for _ in range(400)]
    torch.manual_seed(1)
    assert [mixture.draw(CAPTIONS) for _ in range(400)] == first
    kinds = Counter(
        'names' if c.names else 'caption' if c.text in CAPTIONS else c.text and 'nouns'
        for c in first
    )
    assert set(kinds) == {'names', 'caption', 'nouns', ''}
    assert all(60 < count < 140 for count in kinds.values())


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(empty_share=0.6, noun_share=0.5), 'shares of one whole'),
        (dict(empty_share=-0.1), 'shares of one whole'),
        (dict(class_names=(), class_share=0.3), 'class_share=0.3 need class_names'),
    ],
)
def test_impossible_shares_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        CaptionMixture(**{'class_names': NAMES, **options})


def test_an_image_without_captions_is_refused():
    with pytest.raises(ValueError, match='without a caption'):
        CaptionMixture(NAMES).draw([])
