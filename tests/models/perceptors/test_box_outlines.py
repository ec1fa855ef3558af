"""Boxes that are drawn and found again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmdet.structures.bbox import bbox_overlaps

from diffmm.models.perceptors.box_outlines import (
    PAINTS,
    find_paint,
    outline_mask,
    read_contours,
    read_corners,
    read_supported,
)

SIZE = (160, 200)
APART = [(10, 12, 80, 60), (100, 40, 190, 150)]
NESTED = [(10, 12, 150, 140), (40, 50, 110, 100)]
CROSSED = [(20, 20, 120, 100), (70, 60, 180, 150)]


def draw(boxes, color='blue', width=4, noise=6.0, seed=0):
    """A picture of gray noise with outlines."""
    rng = np.random.default_rng(seed)
    picture = np.full((*SIZE, 3), 128.0)
    picture[outline_mask(boxes, SIZE, width)] = PAINTS[color].rgb
    picture += rng.normal(0, noise, picture.shape)
    return np.clip(picture.round(), 0, 255).astype(np.uint8)


def best_overlaps(boxes, found):
    if not len(found):
        return np.zeros(len(boxes))
    overlaps = bbox_overlaps(
        torch.tensor(boxes).float(), torch.from_numpy(found).float()
    )
    return overlaps.max(dim=1).values.numpy()


@pytest.mark.parametrize('boxes', [APART, NESTED, CROSSED], ids=str)
@pytest.mark.parametrize('color', PAINTS)
def test_boxes_with_four_painted_sides(boxes, color):
    painted = find_paint(draw(boxes, color), PAINTS[color].loose) > 0
    found, scores = read_supported(painted, width=4)
    assert len(found) == len(boxes)
    assert best_overlaps(boxes, found).min() > 0.9
    assert (scores > 0.9).all()


def test_the_released_readers_miss_or_invent_boxes():
    """So ours is the default."""
    blue = PAINTS['blue']
    assert len(read_contours(draw(APART), blue, sigma=6)) == 2
    for boxes in (NESTED, CROSSED):
        assert len(read_contours(draw(boxes), blue, sigma=6)) == 1
    pairs = read_corners(draw(APART), blue)
    assert best_overlaps(APART, pairs).min() > 0.8 and len(pairs) > 2


def test_a_side_that_is_partly_painted_lowers_the_score():
    picture = draw(APART[:1], noise=0)
    picture[10:18, 20:45] = 128
    painted = find_paint(picture, PAINTS['blue'].loose) > 0
    (box,), (score,) = read_supported(painted, width=4)
    assert best_overlaps(APART[:1], box[None]) > 0.9
    assert 0.5 < score < 0.8


def test_a_box_with_less_than_half_of_a_side_is_none():
    left, top, right, bottom = APART[0]
    painted = outline_mask(APART[:1], SIZE, 4)
    painted[top - 1 : top + 6, left + 6 : left + 6 + round(0.7 * (right - left))] = (
        False
    )
    assert not len(read_supported(painted, width=4)[0])


def test_pictures_without_outlines():
    blue = PAINTS['blue']
    for picture in (draw([]), np.zeros((*SIZE, 3), np.uint8)):
        assert read_contours(picture, blue, sigma=6).shape == (0, 4)
        assert read_corners(picture, blue).shape == (0, 4)
    boxes, scores = read_supported(np.zeros(SIZE, bool), width=4)
    assert boxes.shape == (0, 4) and scores.shape == (0,)
    # All that is painted is one box at most, around it.
    assert len(read_supported(np.ones(SIZE, bool), width=4)[0]) <= 1


def test_boxes_that_cannot_be_drawn_are_left_out():
    mask = outline_mask([(10, 10, 5, 20), (-20, -20, 300, 300)], SIZE, 2)
    assert not mask.any()
    assert outline_mask(np.zeros((0, 4)), SIZE, 2).shape == SIZE
