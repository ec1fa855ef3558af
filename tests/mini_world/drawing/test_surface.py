import numpy as np
import pytest

from diffmm.mini_world.classes import COLOURS, TEXTURES
from diffmm.mini_world.drawing.canvas import Canvas
from diffmm.mini_world.drawing.surface import apply_texture, shade_patch


def square(colour, texture):
    canvas = Canvas(60, 60, (30.0, 55.0), 50.0)
    canvas.rectangle((-0.5, 0.0), (0.5, 1.0), colour)
    canvas.rectangle((-0.1, 0.4), (0.1, 0.6), (1, 255, 1))
    apply_texture(canvas, colour, texture)
    return canvas


@pytest.mark.parametrize('colour', COLOURS.values())
def test_textures_differ_and_keep_the_outline(colour):
    patches = [square(colour, texture).patch for texture in TEXTURES]
    for patch in patches[1:]:
        assert np.array_equal(patch[..., 3], patches[0][..., 3])
        changed = (patch != patches[0]).any(-1).sum()
        assert 0.1 < changed / (patch[..., 3] > 0).sum() < 0.5
    assert (patches[1] != patches[2]).any()


def test_details_are_not_printed_on():
    for texture in TEXTURES:
        patch = square(COLOURS['red'], texture).finish()
        assert patch[30, 30].tolist() == [1, 255, 1, 255]


def test_stripes_are_horizontal():
    patch = square(COLOURS['red'], 'striped').patch[..., 0]
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
