from __future__ import annotations

import numpy as np
import pytest

from diffmm.mini_world import MINI_CLASSES, Renderer, SceneSampler, refer
from diffmm.page.examples import draw_examples


@pytest.fixture(scope='module')
def examples():
    return draw_examples(4)


def test_they_are_always_the_same(examples):
    again = draw_examples(2)
    assert len(examples) == 4 and draw_examples(0) == []
    for one, other in zip(examples, again, strict=False):
        assert np.array_equal(one.picture, other.picture) and one[1:] == other[1:]
    assert not np.array_equal(examples[0].picture, examples[1].picture)


def test_each_is_a_scene_with_something_to_find(examples):
    """They are scenes that no training has, in BGR."""
    sampler, renderer = SceneSampler(7000), Renderer(128)
    scenes = [sampler.sample('val', index) for index in range(12)]
    images = {renderer.render(scene).image.tobytes(): scene for scene in scenes}
    for picture, text, names in examples:
        assert picture.shape == (128, 128, 3) and picture.dtype == np.uint8
        scene = images[picture[..., ::-1].tobytes()]
        expressions = refer(scene)
        assert len({each.object_index for each in expressions}) > 1
        assert text in {each.text for each in expressions}
        shortest = min(len(each.text.split()) for each in expressions)
        assert len(text.split()) == shortest
        # Names are none twice, and all that is there.
        there = {item.name for item in scene.objects}
        there |= {scene.background.ground_class, scene.background.back_class}
        assert set(names) == there <= set(MINI_CLASSES)
        assert len(names) == len(there)
