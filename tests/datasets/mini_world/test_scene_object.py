import pytest

from diffmm.datasets.mini_world.scene_object import SceneObject


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
