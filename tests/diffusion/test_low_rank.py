from __future__ import annotations

import re

import pytest
import torch
from diffusers import UNet2DConditionModel

from diffmm.diffusion.low_rank import add_low_rank
from tests import tiny


def build():
    torch.manual_seed(0)
    return UNet2DConditionModel(**tiny.UNET).eval()


@torch.no_grad()
def predict(unet):
    torch.manual_seed(1)
    latents, context = torch.randn(1, 4, 8, 8), torch.randn(1, 5, tiny.WIDTH)
    return unet(latents, torch.tensor(100), context).sample


@pytest.mark.parametrize(
    ('targets', 'layer'),
    [
        (['to_k', 'conv1'], r'.*(to_k|conv1)'),
        (r'mid_block\..*to_q', r'mid_block.*to_q'),
    ],
    ids=['ends of names', 'regular expression'],
)
def test_only_adapters_train_and_they_begin_with_no_effect(targets, layer):
    unet = build()
    expected = predict(unet)
    add_low_rank(unet, rank=3, targets=targets)
    torch.testing.assert_close(predict(unet), expected, rtol=0, atol=1e-6)
    trained = [n for n, p in unet.named_parameters() if p.requires_grad]
    assert trained and all(re.match(rf'{layer}\.lora_[AB]', name) for name in trained)
    shapes = {min(unet.get_parameter(name).shape[:2]) for name in trained}
    assert shapes == {3}


def test_the_scale_is_alpha_over_rank():
    unet = build()
    add_low_rank(unet, rank=2, alpha=6, targets=['to_q'])
    layers = [m for m in unet.modules() if hasattr(m, 'scaling')]
    assert layers and all(each.scaling['default'] == 3 for each in layers)
