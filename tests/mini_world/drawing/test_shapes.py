import itertools

import cv2
import numpy as np
import pytest

from diffmm.mini_world.classes import COLORS, OBJECT_CLASSES
from diffmm.mini_world.drawing.canvas import Canvas
from diffmm.mini_world.drawing.shapes import SHAPES, contrast, shade

UNIT, MARGIN = 100, 40


def draw(name, color=(208, 38, 38), variation=(0.3, 0.6, 0.4)):
    width = round(OBJECT_CLASSES[name].aspect * UNIT) + 2 * MARGIN
    origin = (width / 2, UNIT + MARGIN)
    canvas = Canvas(width, UNIT + 2 * MARGIN, origin, UNIT)
    SHAPES[name](canvas, color, variation)
    return canvas.finish()


def test_every_class_has_a_shape():
    assert set(SHAPES) == set(OBJECT_CLASSES)


@pytest.mark.parametrize('name', SHAPES)
def test_drawing_fills_its_box_and_stays_inside(name):
    rng = np.random.default_rng(0)
    for _ in range(20):
        alpha = draw(name, variation=tuple(rng.random(3)))[..., 3]
        rows, columns = np.nonzero(alpha > 127)
        half = OBJECT_CLASSES[name].aspect * UNIT / 2
        center = alpha.shape[1] / 2
        assert columns.min() >= center - half - 1
        assert columns.max() <= center + half + 1
        assert MARGIN - 1 <= rows.min() <= MARGIN + 0.15 * UNIT
        assert MARGIN + 0.95 * UNIT <= rows.max() <= MARGIN + UNIT + 1


@pytest.mark.parametrize('name', SHAPES)
def test_object_is_one_piece(name):
    pieces = cv2.connectedComponents((draw(name)[..., 3] > 127).astype(np.uint8))[0]
    assert pieces == 2  # the background and the object


@pytest.mark.parametrize('name', SHAPES)
def test_the_color_shows(name):
    red, blue = draw(name, COLORS['red']), draw(name, COLORS['blue'])
    changed = (red != blue).any(-1).sum() / (red[..., 3] > 127).sum()
    assert changed > 0.2


@pytest.mark.parametrize('name', SHAPES)
def test_individuals_differ(name):
    first, second = draw(name, variation=(0.1,) * 3), draw(name, variation=(0.9,) * 3)
    assert (first != second).any()


def test_silhouettes_differ_between_classes():
    silhouettes = {}
    for name in SHAPES:
        alpha = (draw(name)[..., 3] > 127).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(alpha)
        side = max(width, height)
        square = np.zeros((side, side), np.uint8)
        left = (side - width) // 2
        square[side - height :, left : left + width] = alpha[
            y : y + height, x : x + width
        ]
        silhouettes[name] = cv2.resize(square, (32, 32)) > 0
    for first, second in itertools.combinations(SHAPES, 2):
        both = silhouettes[first] & silhouettes[second]
        either = silhouettes[first] | silhouettes[second]
        assert both.sum() / either.sum() < 0.85, (first, second)


def test_shade_darkens_and_lightens():
    assert shade((100, 50, 0), 0.5) == (50, 25, 0)
    assert shade((100, 55, 0), 1.2) == (131, 95, 51)


def test_contrast_is_far_from_the_color():
    for color in COLORS.values():
        assert np.abs(np.subtract(contrast(color), color)).max() > 90
