import dataclasses

import numpy as np
import pytest

from diffmm.mini_world import Renderer
from diffmm.mini_world.drawing.annotations import (
    NO_DEPTH,
    depth_map,
    joint_positions,
)
from diffmm.mini_world.scenes.pose import KEYPOINTS
from diffmm.mini_world.scenes.scene import object_depth, object_relief
from tests.mini_world.builders import make_item, make_scene


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


WAVING = (0.5, 0.5, 0.4)


def flags(rendered, index):
    return dict(zip(KEYPOINTS, rendered.keypoints[index][:, 2], strict=True))


def test_positions_are_those_of_the_joints():
    person = make_item('person', ground=0.9, x=0.4)
    points = dict(zip(KEYPOINTS, joint_positions(person, 100), strict=True))
    x, y = points['nose']
    assert x == pytest.approx(40)
    assert y == pytest.approx(90 - 100 * person.height * 0.883)
    assert points['left_hip'][0] > 40 > points['right_hip'][0]


def test_mirroring_makes_the_other_arm_wave():
    person = make_item('person', variation=WAVING)
    mirrored = dataclasses.replace(person, mirrored=True)
    one, other = (
        dict(zip(KEYPOINTS, joint_positions(who, 100), strict=True))
        for who in (person, mirrored)
    )
    assert one['left_wrist'][1] < one['left_shoulder'][1]
    assert other['left_wrist'][1] > other['left_shoulder'][1]
    assert other['right_wrist'] == pytest.approx(
        [100 - one['left_wrist'][0], one['left_wrist'][1]]
    )
    assert other['left_hip'][0] > 50 > other['right_hip'][0]


def test_alone_and_inside_everything_is_seen():
    rendered = Renderer(128).render(make_scene(make_item('person', ground=0.9)))
    assert set(flags(rendered, 0).values()) == {2}
    assert rendered.keypoints[0].dtype == np.float32


def test_what_stands_in_front_occludes():
    rendered = Renderer(128).render(
        make_scene(
            make_item('person', ground=0.7, size='large'), make_item('box', ground=0.8)
        )
    )
    found = flags(rendered, 0)
    assert found['left_ankle'] == found['right_ankle'] == 1
    assert found['nose'] == found['left_shoulder'] == 2
    x, y, _ = rendered.keypoints[0][KEYPOINTS.index('left_ankle')]
    assert rendered.visible[1, int(y), int(x)]


def test_outside_of_the_picture_is_absent():
    rendered = Renderer(128).render(make_scene(make_item('person', x=0.0, ground=0.9)))
    found = flags(rendered, 0)
    right = [name for name in KEYPOINTS if name.startswith('right')]
    assert {found[name] for name in right} == {0}
    points = rendered.keypoints[0]
    assert (points[points[:, 2] == 0] == 0).all()
    assert found['left_shoulder'] == 2


def test_only_persons_have_keypoints():
    two = make_scene(make_item('ball', x=0.2), make_item('person', ground=0.9))
    assert set(Renderer(64).render(two).keypoints) == {1}
