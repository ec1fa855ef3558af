import matplotlib
import numpy as np
import pytest
import torch
from mmengine.model import ImgDataPreprocessor

from diffmm.visualization import overlay_heat_map, restore_image

IMAGE = np.full((8, 12, 3), 100, np.uint8)


def color(value):
    return np.array(matplotlib.colormaps['viridis'](value, bytes=True)[:3])


def test_extremes_get_the_first_and_the_last_color():
    heat_map = np.zeros((8, 12))
    heat_map[2, 3] = 7.0
    overlay = overlay_heat_map(IMAGE, heat_map, alpha=1.0)
    assert overlay.shape == IMAGE.shape and overlay.dtype == np.uint8
    np.testing.assert_array_equal(overlay[2, 3], color(1.0))
    np.testing.assert_array_equal(overlay[0, 0], color(0.0))


def test_alpha_blends():
    overlay = overlay_heat_map(IMAGE, np.zeros((8, 12)), alpha=0.5)
    expected = 0.5 * color(0.0) + 0.5 * 100
    np.testing.assert_allclose(overlay[0, 0], expected, atol=1)
    np.testing.assert_array_equal(overlay_heat_map(IMAGE, np.eye(3), alpha=0), IMAGE)


def test_small_map_is_resized_to_the_image():
    overlay = overlay_heat_map(IMAGE, np.array([[0.0, 1.0]]), alpha=1.0)
    np.testing.assert_array_equal(overlay[0, 0], color(0.0))
    np.testing.assert_array_equal(overlay[-1, -1], color(1.0))


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


@pytest.mark.parametrize('normalized', [True, False])
def test_an_input_becomes_its_image_again(normalized):
    """BGR in, normalized and padded; RGB of the original size out."""
    generator = torch.Generator().manual_seed(0)
    bgr = torch.randint(0, 256, (3, 50, 70), dtype=torch.uint8, generator=generator)
    statistics = dict(mean=[127.5] * 3, std=[127.5, 60.0, 30.0]) if normalized else {}
    preprocessor = ImgDataPreprocessor(
        **statistics, bgr_to_rgb=True, pad_size_divisor=64
    )
    inputs = preprocessor(dict(inputs=[bgr]))['inputs']
    assert inputs.shape == (1, 3, 64, 128)
    image = restore_image(inputs[0], preprocessor, (50, 70))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, bgr.flip(0).permute(1, 2, 0).numpy())


def test_values_beyond_the_range_are_clipped():
    image = restore_image(
        torch.tensor([-9.0, 300.0, 7.4]).view(3, 1, 1), ImgDataPreprocessor(), (1, 1)
    )
    np.testing.assert_array_equal(image, [[[0, 255, 7]]])
