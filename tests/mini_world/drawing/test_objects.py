import numpy as np
import pytest

from diffmm.mini_world.classes import COLORS, TEXTURES
from diffmm.mini_world.drawing.canvas import Canvas
from diffmm.mini_world.drawing.objects import (
    apply_texture,
    draw_object,
    overlap,
    shade_patch,
)
from tests.mini_world.builders import make_item


def test_the_canvas_lies_where_the_object_is():
    ball = make_item('ball', ground=0.8, x=0.25)
    canvas, x0, y0 = draw_object(ball, 100)
    rows, columns = np.nonzero(canvas.finish()[..., 3] > 127)
    left, top, right, bottom = (100 * value for value in ball.box)
    assert abs(x0 + columns.min() - left) < 1.5
    assert abs(x0 + columns.max() + 1 - right) < 1.5
    assert abs(y0 + rows.min() - top) < 1.5
    assert abs(y0 + rows.max() + 1 - bottom) < 1.5


def test_texture_can_be_left_out():
    striped = draw_object(make_item('box', texture='striped'), 128, textured=False)[0]
    plain = draw_object(make_item('box'), 128)[0]
    assert np.array_equal(striped.patch, plain.patch)
    textured = draw_object(make_item('box', texture='striped'), 128)[0]
    assert not np.array_equal(textured.patch, plain.patch)


def test_overlap_of_patch_and_picture():
    assert overlap(-3, 10, 64) == (slice(0, 7), slice(3, 10))
    assert overlap(60, 10, 64) == (slice(60, 64), slice(0, 4))
    assert overlap(5, 10, 64) == (slice(5, 15), slice(0, 10))


def square(color, texture):
    canvas = Canvas(60, 60, (30.0, 55.0), 50.0)
    canvas.rectangle((-0.5, 0.0), (0.5, 1.0), color)
    canvas.rectangle((-0.1, 0.4), (0.1, 0.6), (1, 255, 1))
    apply_texture(canvas, color, texture)
    return canvas


@pytest.mark.parametrize('color', COLORS.values())
def test_textures_differ_and_keep_the_outline(color):
    patches = [square(color, texture).patch for texture in TEXTURES]
    for patch in patches[1:]:
        assert np.array_equal(patch[..., 3], patches[0][..., 3])
        changed = (patch != patches[0]).any(-1).sum()
        assert 0.1 < changed / (patch[..., 3] > 0).sum() < 0.5
    assert (patches[1] != patches[2]).any()


def test_details_are_not_printed_on():
    for texture in TEXTURES:
        patch = square(COLORS['red'], texture).finish()
        assert patch[30, 30].tolist() == [1, 255, 1, 255]


def test_stripes_are_horizontal():
    patch = square(COLORS['red'], 'striped').patch[..., 0]
    inside = patch[30:200, 30:60]
    assert (np.ptp(inside, 1) == 0).all() and np.ptp(inside, 0).min() > 0


@pytest.mark.parametrize('light', [-1, 1])
def test_the_side_of_the_light_is_brighter(light):
    patch = np.full((20, 30, 4), 120, np.uint8)
    patch[..., 3] = 255
    lit = shade_patch(patch, light)
    assert (lit[:, -1, 0].mean() > lit[:, 0, 0].mean()) == (light == 1)
    assert (lit[..., 3] == 1).all()


def test_light_never_exceeds_white():
    patch = np.full((20, 30, 4), 255, np.uint8)
    patch[:, :10] = 128
    lit = shade_patch(patch, -1)
    assert (lit[..., :3] <= 255 * lit[..., 3:] + 1e-3).all()
