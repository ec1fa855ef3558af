from __future__ import annotations

import numpy as np
import pytest

from diffmm.apis import NameSegmenter
from diffmm.mini_world import MINI_CLASSES, Renderer, SceneSampler
from diffmm.mini_world.classes import ADE20K_INDEX


@pytest.fixture(scope='module')
def segmenter():
    return NameSegmenter(MINI_CLASSES)


def test_names_find_their_things(segmenter):
    """By chance a pixel has its own name in one of sixteen cases."""
    sampler, renderer = SceneSampler(2000), Renderer(128)
    recalls = []
    for index in range(6):
        rendered = renderer.render(sampler.sample('val', index))
        found = segmenter(np.ascontiguousarray(rendered.image[..., ::-1]))
        numbers = np.array([ADE20K_INDEX[name] for name in found.classes])
        predicted = numbers[found.class_map]
        for number in np.unique(rendered.ade20k_index):
            recalls.append(
                (predicted == number)[rendered.ade20k_index == number].mean()
            )
    assert np.mean(recalls) > 0.2


def test_any_size_and_any_names(segmenter):
    picture = np.random.default_rng(0).integers(0, 256, (300, 70, 3), np.uint8)
    found = segmenter(picture)
    assert found.class_map.shape == (300, 70) and len(found.palette) == 16
    assert sum(found.shares().values()) == pytest.approx(1)


def test_what_cannot_be_divided():
    with pytest.raises(ValueError, match=r"nothing to divide among \['tree'\]"):
        NameSegmenter(['tree'])
    with pytest.raises(ValueError, match="'tree' occurs twice"):
        NameSegmenter(['tree', 'tree'])
    with pytest.raises(ValueError, match='side must be at least 64, got 32'):
        NameSegmenter(['tree', 'sky'], side=32)
