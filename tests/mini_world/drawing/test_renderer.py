import dataclasses

import numpy as np
import pytest

from diffmm.mini_world import Renderer, Scene, SceneSampler

SAMPLER = SceneSampler(0)


@pytest.mark.parametrize('size', [64, 101, 512])
def test_sizes(size):
    rendered = Renderer(size).render(SAMPLER.sample('train', 0))
    assert rendered.image.shape == (size, size, 3)
    assert rendered.image.dtype == np.uint8
    assert rendered.amodal.shape[1:] == rendered.ground.shape == (size, size)


@pytest.mark.parametrize('size', [63, 513, -1])
def test_sizes_out_of_range(size):
    with pytest.raises(ValueError, match=f'between 64 and 512 pixels, got {size}'):
        Renderer(size)


def test_rendering_twice_gives_the_same():
    scene = SAMPLER.sample('train', 1)
    first, second = Renderer(128).render(scene), Renderer(128).render(scene)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.amodal, second.amodal)


def test_a_scene_looks_alike_at_every_size():
    for index in range(10):
        scene = SAMPLER.sample('train', index)
        small, large = Renderer(64).render(scene), Renderer(256).render(scene)
        classes = large.ade20k_index[2::4, 2::4]
        assert (classes == small.ade20k_index).mean() > 0.94


def test_masks_lie_inside_their_boxes_and_touch_the_ground():
    for index in range(40):
        scene = SAMPLER.sample('train', index)
        masks = Renderer(128).render(scene).amodal
        for item, mask in zip(scene.objects, masks, strict=True):
            rows, columns = np.nonzero(mask)
            left, top, right, bottom = (128 * value for value in item.box)
            assert left - 1.5 <= columns.min() and columns.max() <= right + 1.5
            assert top - 1.5 <= rows.min() and rows.max() <= bottom + 1.5
            assert rows.max() >= bottom - 4


def test_objects_change_the_picture_only_in_their_masks_and_shadows():
    scene = SAMPLER.sample('train', 2)
    empty = Renderer(128).render(Scene(scene.background, ()))
    full = Renderer(128).render(scene)
    assert np.array_equal(full.ground, empty.ground)
    changed = (full.image != empty.image).any(-1)
    mask = full.amodal.any(0)
    assert changed[mask].mean() > 0.95
    assert changed[~mask].mean() < 0.25
    # What changes outside the masks are shadows, which darken, and soft edges.
    darker = full.image.astype(int).sum(-1) <= empty.image.astype(int).sum(-1)
    assert darker[changed & ~mask].mean() > 0.6


def test_color_changes_the_picture_but_not_the_mask():
    scene = SAMPLER.sample('train', 3)
    pictures = []
    for color in ('red', 'blue'):
        objects = [dataclasses.replace(i, color=color) for i in scene.objects]
        pictures.append(Renderer(128).render(Scene(scene.background, tuple(objects))))
    assert np.array_equal(pictures[0].amodal, pictures[1].amodal)
    mask = pictures[0].amodal.any(0)
    red, blue = (rendered.image[mask].mean(0) for rendered in pictures)
    assert red[0] > blue[0] + 20 and blue[2] > red[2] + 20
