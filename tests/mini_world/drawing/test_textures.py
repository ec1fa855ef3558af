import itertools

import numpy as np
import pytest

from diffmm.mini_world.classes import BACK_TEXTURES, GROUND_TEXTURES, PALETTES
from diffmm.mini_world.drawing.textures import (
    TEXTURES,
    blend,
    grain,
    smooth_noise,
)

X = (np.arange(96, dtype=np.float32)[None] + 0.5) / 96
Y = X[:, :60].T + 0.2


def paint(name, palette=0, seed=0):
    rng = np.random.default_rng(seed)
    return TEXTURES[name](X, Y, PALETTES[name][palette], rng)


def test_every_place_has_several_textures_and_palettes():
    places = [*BACK_TEXTURES.values(), *GROUND_TEXTURES.values()]
    names = [name for textures in places for name in textures]
    assert set(names) == set(TEXTURES) == set(PALETTES)
    assert all(len(textures) >= 3 for textures in places)
    assert all(len(palettes) >= 3 for palettes in PALETTES.values())


@pytest.mark.parametrize('name', TEXTURES)
def test_texture_fills_its_band_with_colors(name):
    picture = paint(name)
    assert picture.shape == (60, 96, 3)
    assert picture.dtype == np.float32
    assert picture.min() > -30 and picture.max() < 285
    assert np.ptp(picture.mean(-1)) > 5


@pytest.mark.parametrize('name', TEXTURES)
def test_texture_is_a_function_of_the_random_stream(name):
    assert np.array_equal(paint(name), paint(name))
    assert name == 'clear' or not np.array_equal(paint(name), paint(name, seed=1))


def test_textures_of_one_palette_differ():
    for names in (*BACK_TEXTURES.values(), *GROUND_TEXTURES.values()):
        for first, second in itertools.combinations(names, 2):
            assert np.abs(paint(first) - paint(second)).mean() > 2


def test_palettes_differ():
    for name, palettes in PALETTES.items():
        means = {tuple(paint(name, i).mean((0, 1))) for i in range(len(palettes))}
        assert len(means) == len(palettes)


def test_blend_runs_from_the_first_to_the_second_color():
    share = np.array([[0.0, 0.5, 1.0]], np.float32)
    mixed = blend(((0, 10, 20), (100, 10, 40)), share)
    assert mixed[0].tolist() == [[0, 10, 20], [50, 10, 30], [100, 10, 40]]


def test_noise_has_its_shape_and_strength():
    rng = np.random.default_rng(0)
    assert smooth_noise(rng, (30, 50), (3, 4)).shape == (30, 50)
    noise = grain(rng, (30, 50), 8.0)
    assert noise.shape == (30, 50, 1)
    assert 7 < np.abs(noise).max() <= 8
