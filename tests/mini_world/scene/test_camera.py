import numpy as np
import pytest

from diffmm.mini_world.scene.camera import Camera

CAMERA = Camera(focal=1.5, height=1.6, horizon=0.25)


def test_ground_depth_is_that_of_a_pinhole():
    """A point on the ground, `depth` ahead, appears f * h / depth below the horizon."""
    for depth in (2.0, 4.0, 12.0):
        row = CAMERA.horizon + CAMERA.focal * CAMERA.height / depth
        assert CAMERA.ground_depth(row) == pytest.approx(depth)


def test_ground_depth_takes_arrays():
    rows = np.array([0.5, 1.0])
    assert CAMERA.ground_depth(rows) == pytest.approx([9.6, 3.2])


def test_metres_undo_the_perspective():
    depth = 5.0
    assert CAMERA.metres(CAMERA.focal * 1.8 / depth, depth) == pytest.approx(1.8)


def test_the_camera_sees_its_own_height_between_horizon_and_ground():
    row = 0.7
    depth = CAMERA.ground_depth(row)
    assert CAMERA.metres(row - CAMERA.horizon, depth) == pytest.approx(CAMERA.height)
