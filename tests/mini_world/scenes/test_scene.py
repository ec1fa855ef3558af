import pytest

from diffmm.mini_world import Scene, SceneSampler, refer, write_captions
from diffmm.mini_world.scenes.scene import SceneObject, stand_clear
from tests.mini_world.builders import make_background, make_item


def test_box_stands_on_the_ground_around_the_center():
    item = SceneObject(
        name='ball',
        color='red',
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


def test_objects_must_be_ordered_from_far_to_near():
    scene = SceneSampler(0).sample('train', 0)
    with pytest.raises(ValueError, match=r'from far to near.*sort them by `ground`'):
        Scene(scene.background, scene.objects[::-1])


def test_texts_and_type_are_functions_of_the_scene():
    scene, again = (SceneSampler(0).sample('train', 3) for _ in range(2))
    captions = write_captions(scene)
    assert captions == write_captions(again) and len(captions) >= 4
    assert refer(scene) == refer(again)
    assert scene.scene_type == scene.background.scene_type
    other = SceneSampler(0).sample('train', 4)
    assert write_captions(scene) != write_captions(other)


def test_overlapping_objects_need_room_between_them():
    camera = make_background().camera
    far = make_item('house', ground=0.8)
    assert not stand_clear(camera, far, make_item('house', ground=0.801))
    assert stand_clear(camera, far, make_item('house', ground=0.9))
    assert stand_clear(camera, make_item(x=0.2), make_item(ground=0.801, x=0.8))
