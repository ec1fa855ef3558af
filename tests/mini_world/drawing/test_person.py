import numpy as np
import pytest

from diffmm.mini_world.drawing.canvas import Canvas
from diffmm.mini_world.drawing.person import draw_person
from diffmm.mini_world.scenes.pose import POSES, person_joints


def drawn(variation, unit=100.0):
    side = round(1.2 * unit) + 8
    foot = (side / 2, side - 4.0)
    canvas = Canvas(side, side, foot, unit)
    draw_person(canvas, (208, 38, 38), variation)
    return canvas.finish()[..., 3], foot


@pytest.mark.parametrize('pose', range(len(POSES)))
def test_the_body_covers_its_joints(pose):
    for share in (0.0, 0.5, 0.99):
        variation = (share, 0.99 - share, (pose + 0.5) / len(POSES))
        alpha, (left, bottom) = drawn(variation)
        for name, (x, y) in person_joints(variation).items():
            assert alpha[int(bottom - 100 * y), int(left + 100 * x)] > 127, name


@pytest.mark.parametrize('pose', range(len(POSES)))
def test_no_joint_is_lost_in_a_small_picture(pose):
    """A person of nine pixels, as far away as they get at 64 pixels."""
    variation = (0.3, 0.7, (pose + 0.5) / len(POSES))
    alpha, (left, bottom) = drawn(variation, unit=9.0)
    for name, (x, y) in person_joints(variation).items():
        row, column = int(bottom - 9 * y), int(left + 9 * x)
        around = alpha[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        assert around.max() > 127, name


def test_clothes_have_the_color():
    canvas = Canvas(120, 120, (60.0, 110.0), 100.0)
    draw_person(canvas, (10, 200, 30), (0.4, 0.7, 0.2))
    same = (canvas.patch[..., :3] == (10, 200, 30)).all(-1)
    assert np.count_nonzero(same) > 0.1 * np.count_nonzero(canvas.patch[..., 3])
