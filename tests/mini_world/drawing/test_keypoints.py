import dataclasses

import numpy as np
import pytest

from diffmm.mini_world import Renderer
from diffmm.mini_world.drawing.keypoints import joint_positions
from diffmm.mini_world.scene.pose import KEYPOINTS
from tests.mini_world.builders import make_item, make_scene

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
