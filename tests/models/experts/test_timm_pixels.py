import numpy as np
import pytest
import timm
import torch
from PIL import Image

from diffmm.models.experts.timm_pixels import TimmPixels
from tests import tiny


@pytest.mark.parametrize('model', ['resnet18', 'vit_tiny_patch16_224'])
def test_pixels_are_those_of_timms_own_transform(model):
    """ResNet-18 has ImageNet's mean and deviation, the transformer 0.5 for both."""
    config = timm.get_pretrained_cfg(model).to_dict()
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    transform = timm.data.create_transform(
        32, mean=config['mean'], std=config['std'], crop_pct=1.0
    )
    expected = transform(Image.fromarray(picture))[None]
    images = torch.tensor(picture).permute(2, 0, 1)[None] / 127.5 - 1
    torch.testing.assert_close(TimmPixels(config)(images), expected)


def test_no_checkpoint_carries_them():
    pixels = TimmPixels(dict(mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3)))
    assert not pixels.state_dict() and not list(pixels.parameters())
    assert pixels.bfloat16()(tiny.image(64, 64).bfloat16()).dtype == torch.bfloat16
