import numpy as np
import pytest
import torch
from mmengine.model import ImgDataPreprocessor

from diffmm.visualization import restore_image


@pytest.mark.parametrize('normalized', [True, False])
def test_round_trip(normalized):
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
