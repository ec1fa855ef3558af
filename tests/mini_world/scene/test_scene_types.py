import itertools

import pytest

from diffmm.mini_world.drawing.textures import (
    BACK_TEXTURES,
    GROUND_TEXTURES,
    PALETTES,
)
from diffmm.mini_world.scene.scene_types import SCENE_TYPES, scene_type


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
