import re

import pytest

from diffmm.mini_world import SceneSampler
from diffmm.mini_world.checks.parsed_phrase import ParsedPhrase
from diffmm.mini_world.classes import COLORS, OBJECT_CLASSES
from diffmm.mini_world.drawing.styles import STYLES
from diffmm.mini_world.language.captions import (
    name_style,
    write_captions,
    write_plain_caption,
)
from diffmm.mini_world.language.vocabulary import (
    PLURALS,
    SIZE_WORDS,
    STUFF_WORDS,
    STYLE_PHRASES,
    place_words,
)
from tests.mini_world.builders import make_item, make_scene

# Text encoders of 77 tokens have room for more; a small one may have less.
MAX_WORDS = 30


@pytest.fixture(scope='module')
def scenes():
    sampler = SceneSampler(0)
    return [sampler.sample('train', index) for index in range(400)]


def test_captions_are_a_function_of_the_scene(scenes):
    for scene in scenes[:20]:
        assert write_captions(scene) == write_captions(scene)
    first = {write_captions(scene)[0] for scene in scenes}
    assert len(first) > 0.95 * len(scenes)


def test_the_first_two_name_every_object_and_the_surroundings(scenes):
    for scene in scenes:
        for caption in write_captions(scene)[:2]:
            named = ParsedPhrase.find_all(caption)
            assert sum(phrase.count for phrase in named) == len(scene.objects)
            background = scene.background
            assert background.ground_class in caption
            assert background.back_class in caption


def test_the_third_counts_and_names_the_place(scenes):
    for scene in scenes:
        caption = write_captions(scene)[2]
        assert f'{place_words(scene.scene_type)} with' in caption
        names = [item.name for item in scene.objects]
        for name in set(names):
            word = name if names.count(name) == 1 else PLURALS[name]
            assert re.search(rf'\b{word}\b', caption)


def test_most_scenes_have_a_relation(scenes):
    assert {len(write_captions(scene)) for scene in scenes} == {4, 5}
    assert sum(len(write_captions(scene)) == 5 for scene in scenes) > 0.6 * len(scenes)


def test_at_most_half_of_the_phrases_are_described(scenes):
    described = total = 0
    for scene in scenes:
        for caption in write_captions(scene):
            phrases = ParsedPhrase.find_all(caption)
            count = sum(phrase.count for phrase in phrases)
            told = sum(
                any((phrase.size, phrase.color, phrase.texture)) for phrase in phrases
            )
            assert told <= count / 2
            described, total = described + told, total + count
    assert described > 0.2 * total
    words = ' '.join(text for scene in scenes for text in write_captions(scene)).split()
    assert {*COLORS, *SIZE_WORDS} <= set(words)


def test_captions_are_short(scenes):
    assert max(len(c.split()) for s in scenes for c in write_captions(s)) <= MAX_WORDS


def test_alike_objects_are_told_apart_or_counted():
    balls = [make_item(x=x, ground=g) for x, g in ((0.2, 0.7), (0.5, 0.8), (0.8, 0.9))]
    caption = write_captions(make_scene(*balls))[0]
    assert re.match(r'(two balls and a red ball|a red ball and two balls) on', caption)


def test_one_object():
    captions = write_captions(make_scene(make_item()))
    assert captions[1].endswith('there is a ball') and len(captions) == 4


def test_relation():
    near, far = make_item('box', ground=0.9), make_item('house', ground=0.65)
    caption = write_captions(make_scene(near, far))[-1]
    assert 'box in front of' in caption or 'house behind' in caption


def test_the_plain_caption_leaves_nothing_to_chance(scenes):
    order = list(OBJECT_CLASSES)
    for scene in scenes[:100]:
        caption = write_plain_caption(scene)
        phrases = ParsedPhrase.find_all(caption)
        assert sum(phrase.count for phrase in phrases) == len(scene.objects)
        places = [order.index(phrase.name) for phrase in phrases]
        assert places == sorted(set(places))
        assert STUFF_WORDS[scene.background.ground_texture] in caption
        assert STUFF_WORDS[scene.background.back_texture] in caption


def test_every_style_but_day_is_named(scenes):
    caption = write_plain_caption(scenes[0])
    named = {style: name_style(caption, style) for style in STYLES}
    assert named.pop('day') == caption
    assert set(named) == set(STYLE_PHRASES)
    for text in named.values():
        assert text.endswith(f' of {caption}')
    assert (
        name_style('a photo of a garden', 'night') == 'a dark night photo of a garden'
    )
