import pytest

from diffmm.datasets.mini_world.background import Background


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
