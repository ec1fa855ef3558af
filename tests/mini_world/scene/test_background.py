import pytest

from diffmm.mini_world.scene.background import Background


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
        assert camera.metres(length, camera.ground_depth(ground)) == pytest.approx(2.0)


def test_scene_type():
    assert background().scene_type == 'garden'
