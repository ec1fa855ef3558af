import itertools

import numpy as np
import pytest

from diffmm.mini_world.classes import BACK_TEXTURES, GROUND_TEXTURES, PALETTES
from diffmm.mini_world.scenes.background import (
    SCENE_TYPES,
    Background,
    Camera,
    scene_type,
)


def background(place='outdoor'):
    return Background(
        place=place,
        boundary=0.4,
        roll=0.0,
        vanishing=0.2,
        back_texture='clear',
        back_palette=0,
        ground_texture='lawn',
        ground_palette=0,
        light=1,
        seed=3,
    )


def test_classes_follow_the_place():
    assert background().back_class == 'sky'
    assert background().ground_class == 'grass'
    assert background('indoor').back_class == 'wall'
    assert background('indoor').ground_class == 'floor'


def test_nearer_objects_are_larger():
    scale = background().scale
    assert scale(0.2) == 0
    assert scale(0.6) == pytest.approx(0.5)
    assert scale(1.0) == pytest.approx(1.0)


@pytest.mark.parametrize('place', ['outdoor', 'indoor'])
def test_the_camera_agrees_with_the_scale(place):
    """An object of unit height has the same metric height wherever it stands."""
    camera = background(place).camera
    for ground in (0.5, 0.7, 0.95):
        length = background(place).scale(ground)
        assert camera.meters(length, camera.ground_depth(ground)) == pytest.approx(2.0)


def test_scene_type():
    assert background().scene_type == 'garden'


CAMERA = Camera(focal=1.5, height=1.6, horizon=0.25)


def test_ground_depth_is_that_of_a_pinhole():
    """A point on the ground, `depth` ahead, appears f * h / depth below the horizon."""
    for depth in (2.0, 4.0, 12.0):
        row = CAMERA.horizon + CAMERA.focal * CAMERA.height / depth
        assert CAMERA.ground_depth(row) == pytest.approx(depth)


def test_ground_depth_takes_arrays():
    rows = np.array([0.5, 1.0])
    assert CAMERA.ground_depth(rows) == pytest.approx([9.6, 3.2])


def test_meters_undo_the_perspective():
    depth = 5.0
    assert CAMERA.meters(CAMERA.focal * 1.8 / depth, depth) == pytest.approx(1.8)


def test_the_camera_sees_its_own_height_between_horizon_and_ground():
    row = 0.7
    depth = CAMERA.ground_depth(row)
    assert CAMERA.meters(row - CAMERA.horizon, depth) == pytest.approx(CAMERA.height)


@pytest.mark.parametrize('place', ['outdoor', 'indoor'])
def test_every_background_has_a_type_and_every_type_occurs(place):
    pairs = itertools.product(BACK_TEXTURES[place], GROUND_TEXTURES[place])
    found = {
        scene_type(back, ground, palette)
        for back, ground in pairs
        for palette in range(len(PALETTES[ground]))
    }
    assert found == set(SCENE_TYPES[place])


def test_examples():
    assert scene_type('plaster', 'tiles', 0) == 'kitchen'
    assert scene_type('clear', 'mown', 0) == 'park'
    assert scene_type('clear', 'mown', 2) == 'field'
