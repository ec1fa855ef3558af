import warnings

import pytest
import torch

from diffmm.models.backbones.image_check import check_size, warn_about_range


def test_64_pixels_are_enough():
    check_size(torch.zeros(1, 3, 64, 65))


@pytest.mark.parametrize('height, width', [(63, 64), (512, 40)])
def test_a_small_side_is_quoted(height, width):
    with pytest.raises(ValueError, match=f'{height}x{width} is too small.* 64 pixels'):
        check_size(torch.zeros(1, 3, height, width))


def test_the_range_of_stable_diffusion_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warn_about_range(torch.tensor([-1.04, 1.04]))


@pytest.mark.parametrize('low, high', [(0, 255), (-2.1, 2.6), (-1.2, 0)])
def test_another_range_is_quoted(low, high):
    with pytest.warns(UserWarning, match=rf'\[{low:.2f}, {high:.2f}\].*bgr_to_rgb'):
        warn_about_range(torch.tensor([low, high]).float())
