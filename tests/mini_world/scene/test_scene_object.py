import pytest

from diffmm.mini_world.scene.scene_object import SceneObject
from tests.mini_world.builders import make_item


def test_box_stands_on_the_ground_around_the_centre():
    item = SceneObject(
        name='ball',
        colour='red',
        size='small',
        texture='plain',
        x=0.5,
        ground=0.8,
        width=0.2,
        height=0.3,
        mirrored=False,
        tint=1.0,
        variation=(0.0, 0.0, 0.0),
    )
    assert item.box == pytest.approx((0.4, 0.5, 0.6, 0.8))


def test_only_persons_have_a_pose():
    assert make_item('ball').pose is None
    assert make_item('person', variation=(0.5, 0.5, 0.0)).pose == 'standing'
    assert make_item('person', variation=(0.5, 0.5, 0.99)).pose == 'akimbo'


def test_a_person_stands_on_less_than_the_reach_of_the_arms():
    person, ball = make_item('person'), make_item('ball')
    assert person.footprint == pytest.approx(0.5 * person.width)
    assert ball.footprint == ball.width


def test_common_area():
    first = make_item(x=0.5, width=0.2, height=0.3, ground=0.8)
    second = make_item(x=0.6, width=0.2, height=0.3, ground=0.9)
    assert first.common_area(second) == pytest.approx(0.1 * 0.2)
    assert first.common_area(first) == pytest.approx(0.2 * 0.3)
    assert first.common_area(make_item(x=0.9, width=0.2)) == 0
