import matplotlib
import numpy as np
import pytest

from diffmm.visualization import overlay_heat_map

IMAGE = np.full((8, 12, 3), 100, np.uint8)


def colour(value):
    return np.array(matplotlib.colormaps['viridis'](value, bytes=True)[:3])


def test_extremes_get_the_first_and_the_last_colour():
    heat_map = np.zeros((8, 12))
    heat_map[2, 3] = 7.0
    overlay = overlay_heat_map(IMAGE, heat_map, alpha=1.0)
    assert overlay.shape == IMAGE.shape and overlay.dtype == np.uint8
    np.testing.assert_array_equal(overlay[2, 3], colour(1.0))
    np.testing.assert_array_equal(overlay[0, 0], colour(0.0))


def test_alpha_blends():
    overlay = overlay_heat_map(IMAGE, np.zeros((8, 12)), alpha=0.5)
    expected = 0.5 * colour(0.0) + 0.5 * 100
    np.testing.assert_allclose(overlay[0, 0], expected, atol=1)
    np.testing.assert_array_equal(overlay_heat_map(IMAGE, np.eye(3), alpha=0), IMAGE)


def test_given_range_clips():
    heat_map = np.linspace(0, 10, 96).reshape(8, 12)
    overlay = overlay_heat_map(IMAGE, heat_map, alpha=1.0, value_range=(2.0, 4.0))
    np.testing.assert_array_equal(overlay[heat_map <= 2].min(0), colour(0.0))
    np.testing.assert_array_equal(overlay[heat_map >= 4].min(0), colour(1.0))


def test_small_map_is_resized_to_the_image():
    overlay = overlay_heat_map(IMAGE, np.array([[0.0, 1.0]]), alpha=1.0)
    np.testing.assert_array_equal(overlay[0, 0], colour(0.0))
    np.testing.assert_array_equal(overlay[-1, -1], colour(1.0))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(image=IMAGE.astype(np.float32)), r'uint8, but got \(8, 12, 3\) float32'),
        (dict(image=IMAGE[..., 0]), r'\(8, 12\)'),
        (dict(heat_map=np.zeros((1, 8, 12))), r'\(1, 8, 12\)'),
        (dict(heat_map=np.full((8, 12), np.nan)), 'NaN'),
        (dict(alpha=1.5), '1.5'),
    ],
)
def test_bad_input(change, message):
    arguments = dict(image=IMAGE, heat_map=np.zeros((8, 12)), alpha=0.5)
    with pytest.raises(ValueError, match=message):
        overlay_heat_map(**{**arguments, **change})
