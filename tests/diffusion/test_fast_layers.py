from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel

from diffmm.diffusion import FeatureUNet
from diffmm.diffusion.cached_attention import CachedTextAttention
from diffmm.diffusion.fast_layers import use_fast_layers
from diffmm.diffusion.matrix_convolution import MatrixConv2d
from diffmm.diffusion.product_linear import ProductLinear
from diffmm.diffusion.recomputed_feed_forward import RecomputedFeedForward
from tests import tiny


@torch.no_grad()
def test_a_unet_computes_the_same_with_them():
    torch.manual_seed(0)
    # Enough channels for matrix products at the coarsest level.
    config = tiny.UNET | dict(in_channels=8)
    unet = UNet2DConditionModel(**config).eval()
    inputs = torch.randn(1, 8, 8, 8), torch.tensor(3), torch.randn(1, 5, tiny.WIDTH)
    expected = unet(*inputs).sample
    use_fast_layers(unet)
    kinds = {type(each) for each in unet.attn_processors.values()}
    assert kinds == {CachedTextAttention}
    assert isinstance(unet.mid_block.resnets[0].conv1, MatrixConv2d)
    block = unet.mid_block.attentions[0].transformer_blocks[0]
    assert isinstance(block.attn1.to_q, ProductLinear)
    assert isinstance(block.ff, RecomputedFeedForward)
    torch.testing.assert_close(unet(*inputs).sample, expected, rtol=0, atol=1e-5)


def test_the_backbone_has_them():
    unet = FeatureUNet.build(tiny.UNET)
    assert isinstance(unet.up_blocks[0].resnets[0].conv1, MatrixConv2d)
