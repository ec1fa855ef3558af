import numpy as np
import pytest

from diffmm.mini_world.drawing.canvas import SUPERSAMPLING, Canvas

RED = (200, 10, 20)


def canvas(mirrored=False, origin=(20.0, 36.0)):
    return Canvas(40, 40, origin, unit=32.0, mirrored=mirrored)


def test_rectangle_covers_its_area_and_points_up():
    surface = canvas()
    surface.rectangle((0.0, 0.0), (0.25, 0.5), RED)
    patch = surface.finish()
    assert patch.shape == (40, 40, 4)
    # 8 x 16 pixels, right of and above the origin (20, 36).
    assert np.argwhere(patch[..., 3] > 128).min(0).tolist() == [20, 20]
    assert np.argwhere(patch[..., 3] > 128).max(0).tolist() == [35, 27]
    assert patch[30, 24].tolist() == [*RED, 255]


def test_position_is_accurate_below_a_pixel():
    centers = []
    for shift in (0.0, 0.25, 0.5):
        surface = canvas(origin=(20.0 + shift, 36.0))
        surface.circle((0.0, 0.5), 0.25, RED)
        weight = surface.finish()[..., 3].astype(float)
        centers.append((weight.sum(0) * np.arange(40)).sum() / weight.sum())
    assert np.diff(centers) == pytest.approx([0.25, 0.25], abs=0.03)


def test_edges_are_smooth_and_premultiplied():
    surface = canvas()
    surface.circle((0.0, 0.5), 0.3, RED)
    patch = surface.finish().astype(int)
    edge = (patch[..., 3] > 0) & (patch[..., 3] < 255)
    assert edge.sum() > 20
    expected = patch[edge][:, 3] * RED[0] / 255
    assert np.abs(patch[edge][:, 0] - expected).max() <= 2


@pytest.mark.parametrize('arc', [(0.0, 360.0), (10.0, 120.0)])
def test_mirroring_flips_every_shape(arc):
    pictures = []
    for mirrored in (False, True):
        surface = canvas(mirrored)
        surface.ellipse((0.2, 0.6), (0.3, 0.1), RED, angle=30.0, arc=arc)
        surface.polygon([(-0.5, 0.0), (-0.2, 0.0), (-0.5, 0.3)], RED)
        surface.line([(0.0, 0.1), (0.4, 0.2)], 0.05, RED)
        pictures.append(surface.finish()[..., 3].astype(int))
    difference = np.abs(pictures[0] - pictures[1][:, ::-1])
    assert difference.mean() < 1.5
    assert pictures[0].mean() > 10 * difference.mean()


def test_ellipse_turns_counter_clockwise():
    surface = canvas()
    surface.ellipse((0.0, 0.5), (0.4, 0.05), RED, angle=45.0)
    alpha = surface.finish()[..., 3]
    # The upper right end is covered, the lower right one is not.
    assert alpha[12, 28] > 128 and alpha[28, 28] == 0


def test_slice_starts_at_the_right_and_goes_up():
    surface = canvas()
    surface.ellipse((0.0, 0.5), (0.4, 0.4), RED, arc=(0.0, 90.0))
    alpha = surface.finish()[..., 3]
    assert alpha[15, 25] == 255
    assert alpha[25, 25] == alpha[15, 15] == alpha[25, 15] == 0


def test_recolor_touches_only_the_exact_color():
    surface = canvas()
    surface.rectangle((-0.5, 0.0), (0.0, 1.0), RED)
    surface.rectangle((0.0, 0.0), (0.5, 1.0), (201, 10, 20))
    everywhere = np.ones(surface.patch.shape[:2], bool)
    surface.recolor(RED, (1, 2, 3), everywhere)
    patch = surface.finish()
    assert patch[20, 10].tolist() == [1, 2, 3, 255]
    assert patch[20, 30].tolist() == [201, 10, 20, 255]
    assert patch[0, 0].tolist() == [0, 0, 0, 0]


def test_grid_holds_the_coordinates_of_the_drawing():
    x, y = canvas(mirrored=True).grid()
    assert x.shape == (1, 40 * SUPERSAMPLING) and y.shape == (40 * SUPERSAMPLING, 1)
    assert x[0, 0] > 0 > x[0, -1]
    assert y[0, 0] == pytest.approx(36 / 32, abs=0.01)


def test_a_line_keeps_its_least_width():
    covers = []
    for thinnest in (0.0, 3.0):
        canvas = Canvas(20, 20, (0.0, 20.0), 10.0)
        canvas.line([(0.2, 1.0), (1.8, 1.0)], 0.01, (9, 9, 9), thinnest)
        covers.append(canvas.finish()[..., 3][:, 10].sum() / 255)
    assert covers[0] < 0.5 and abs(covers[1] - 3.0) < 0.3
