import warnings

import pytest
import torch

from diffmm.models.backbones.images import (
    check_images,
    check_size,
    crop_feature,
    pad_images,
    warn_about_range,
)


def test_64_pixels_are_enough():
    check_size(torch.zeros(1, 3, 64, 65))


@pytest.mark.parametrize('height, width', [(63, 64), (512, 40)])
def test_a_small_side_is_quoted(height, width):
    with pytest.raises(ValueError, match=f'{height}x{width} is too small.* 64 pixels'):
        check_size(torch.zeros(1, 3, height, width))


@pytest.mark.parametrize(
    ('images', 'message'),
    [
        (torch.zeros(3, 64, 64), r'shape \(B, 3, H, W\), got \(3, 64, 64\)'),
        (torch.zeros(1, 1, 64, 64), r'got \(1, 1, 64, 64\)'),
        (torch.zeros(2, 64, 64, 3), r'got \(2, 64, 64, 3\)'),
        (torch.zeros(1, 4, 64, 64), r'got \(1, 4, 64, 64\)'),
        (torch.zeros(0, 3, 64, 64), r'empty.*\(0, 3, 64, 64\)'),
        (torch.zeros(1, 3, 64, 64).byte(), 'got torch.uint8; .* / 127.5 - 1'),
        (torch.zeros(1, 3, 64, 64).bool(), 'got torch.bool'),
        (
            torch.zeros(1, 3, 64, 64).double(),
            r'weights torch.float32.*images.float\(\)',
        ),
    ],
)
def test_what_is_no_batch_of_images_is_quoted(images, message):
    with pytest.raises(ValueError, match=message):
        check_images(images, torch.float32)


def test_a_batch_of_images_passes():
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        check_images(torch.zeros(1, 3, 32, 7, dtype=dtype), torch.float32)
    check_images(torch.zeros(1, 3, 32, 7).double(), torch.float64)


@pytest.mark.parametrize(
    'low, high', [(-1.04, 1.04), (-1, 1), (-0.9, 0), (-0.01, 1), (0, 0), (1, 1)]
)
def test_the_range_of_stable_diffusion_is_silent(low, high):
    """So is a blank image, which tools measure with."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warn_about_range(torch.tensor([low, high]).float())


@pytest.mark.parametrize('low, high', [(0, 255), (-2.1, 2.6), (-1.2, 0)])
def test_another_range_is_quoted(low, high):
    with pytest.warns(UserWarning, match=rf'\[{low:.2f}, {high:.2f}\].*bgr_to_rgb'):
        warn_about_range(torch.tensor([low, high]).float())


@pytest.mark.parametrize('low, high', [(0, 1), (0.1, 0.9), (0, 1.04)])
def test_images_between_0_and_1_are_warned_about(low, high):
    expected = rf'only values in \[{low:.2f}, {high:.2f}\], as if .*\[127.5\]'
    with pytest.warns(UserWarning, match=expected):
        warn_about_range(torch.tensor([low, high]).float())


@pytest.mark.parametrize(
    ('size', 'padded'),
    [((64, 64), (64, 64)), ((65, 100), (128, 128)), ((800, 1333), (832, 1344))],
)
def test_sides_become_multiples_of_64(size, padded):
    images = torch.ones(1, 3, *size)
    result = pad_images(images)
    assert result.shape[-2:] == padded
    assert torch.equal(result[..., : size[0], : size[1]], images)
    assert result.sum() == images.sum()  # mid-gray is 0


@pytest.mark.parametrize('stride', [8, 16, 32, 64])
def test_a_map_covers_the_image_and_no_more(stride):
    feature = torch.arange(128 // stride).expand(1, 1, 128 // stride, -1)
    result = crop_feature(feature, (65, 100), stride)
    assert result.shape[-2:] == (-(-65 // stride), -(-100 // stride))
    assert torch.equal(result[0, 0, 0], torch.arange(result.shape[-1]))
