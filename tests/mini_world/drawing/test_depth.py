import numpy as np
import pytest

from diffmm.mini_world import Renderer
from diffmm.mini_world.drawing.depth import (
    NO_DEPTH,
    depth_map,
    object_depth,
    object_relief,
    stand_clear,
)
from tests.mini_world.builders import make_background, make_item, make_scene


@pytest.mark.parametrize('place', ['outdoor', 'indoor'])
def test_empty_scene(place):
    empty = make_scene(place=place)
    rendered = Renderer(64).render(empty)
    depth, camera = rendered.depth, empty.background.camera
    assert depth.dtype == np.float32 and depth.shape == (64, 64)
    assert depth[63] == pytest.approx(camera.ground_depth(63.5 / 64), rel=1e-5)
    back = NO_DEPTH if place == 'outdoor' else camera.ground_depth(0.4)
    assert depth[:25] == pytest.approx(back, rel=1e-5)
    assert (np.diff(depth[27:, 0]) < 0).all()


def test_an_object_stands_where_it_touches_the_ground():
    ball = make_item('ball', ground=0.8)
    one = make_scene(ball)
    rendered, camera = Renderer(128).render(one), one.background.camera
    inside = rendered.depth[rendered.amodal[0]]
    outline = camera.ground_depth(0.8)
    assert object_depth(camera, ball) == pytest.approx(outline)
    assert inside.max() <= outline * 1.0001
    middle = rendered.depth[int(128 * 0.7), 64]
    assert middle == pytest.approx(outline - object_relief(camera, ball), rel=1e-3)
    contact = rendered.depth[int(128 * 0.8) + 1, 64]
    assert contact == pytest.approx(outline, rel=0.02)


def test_the_nearer_object_is_what_is_seen():
    far, near = make_item('house', ground=0.6), make_item('ball', ground=0.85)
    both = make_scene(far, near)
    rendered = Renderer(96).render(both)
    alone = depth_map(make_scene(near), rendered.ground, rendered.amodal[1:])
    mask = rendered.amodal[1]
    assert np.array_equal(rendered.depth[mask], alone[mask])


def test_overlapping_objects_need_room_between_them():
    camera = make_background().camera
    far = make_item('house', ground=0.8)
    assert not stand_clear(camera, far, make_item('house', ground=0.801))
    assert stand_clear(camera, far, make_item('house', ground=0.9))
    assert stand_clear(camera, make_item(x=0.2), make_item(ground=0.801, x=0.8))
