from __future__ import annotations

import pytest

from diffmm.agents.phrases import content_words, find_phrases
from diffmm.mini_world import (
    OBJECT_CLASSES,
    SceneSampler,
    refer,
    write_captions,
    write_plain_caption,
)


@pytest.mark.parametrize(
    ('text', 'nouns', 'surroundings'),
    [
        (
            'two trees and a red car on the short grass',
            ['tree', 'car', 'grass'],
            'grass',
        ),
        ('a man riding a wave on top of a surfboard', ['man', 'wave', 'surfboard'], ''),
        ('a plate topped with eggs, bacon and toast', ['plate', 'egg', 'bacon'], ''),
        ('the large person in blue', ['person'], ''),
        ('the ball left of the tall boxes', ['ball', 'box'], ''),
        ('on the grass under a sky there are a tree and a ball', ['tree'], 'sky'),
        ('a group of people standing next to a bus', ['person', 'bus'], 'bus'),
        ('brick building behind a bed', ['building', 'bed'], 'bed'),
        ('the other one', [], ''),
        ('', [], ''),
        ('?!', [], ''),
    ],
)
def test_things_are_found(text, nouns, surroundings):
    found = {phrase.noun: phrase for phrase in find_phrases(text)}
    assert set(nouns) <= set(found)
    if not nouns:
        assert found == {}
    if surroundings:
        assert found[surroundings].surroundings
        assert not found[nouns[0]].surroundings


def test_every_object_of_the_mini_world_is_found_in_its_captions():
    sampler = SceneSampler(3)
    for index in range(20):
        scene = sampler.sample('val', index)
        names = {item.name for item in scene.objects}
        for caption in (write_plain_caption(scene), *write_captions(scene)[:2]):
            found = {phrase.noun for phrase in find_phrases(caption)}
            assert names == found & set(OBJECT_CLASSES), caption
        for expression in refer(scene):
            (first, *_) = find_phrases(expression.text)
            named = scene.objects[expression.object_index].name
            assert first.noun in (named, 'object'), expression.text


def test_a_phrase_reads_like_an_expression():
    (phrase, *_) = find_phrases('two small red cars in front of a house')
    assert str(phrase) == 'the small red car' and phrase.several


def test_the_words_that_decide():
    assert content_words('The red balls, left of a tree') == {
        'red',
        'ball',
        'left',
        'tree',
    }
