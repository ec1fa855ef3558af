import pytest
import torch

from diffmm.models.backbones.padding import crop_feature, pad_images


@pytest.mark.parametrize(
    ('size', 'padded'),
    [((64, 64), (64, 64)), ((65, 100), (128, 128)), ((800, 1333), (832, 1344))],
)
def test_sides_become_multiples_of_64(size, padded):
    images = torch.ones(1, 3, *size)
    result = pad_images(images)
    assert result.shape[-2:] == padded
    assert torch.equal(result[..., : size[0], : size[1]], images)
    assert result.sum() == images.sum()  # mid-grey is 0


@pytest.mark.parametrize('stride', [8, 16, 32, 64])
def test_a_map_covers_the_image_and_no_more(stride):
    feature = torch.arange(128 // stride).expand(1, 1, 128 // stride, -1)
    result = crop_feature(feature, (65, 100), stride)
    assert result.shape[-2:] == (-(-65 // stride), -(-100 // stride))
    assert torch.equal(result[0, 0, 0], torch.arange(result.shape[-1]))
