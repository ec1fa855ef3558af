"""The ways to compute that every UNet here has."""

from __future__ import annotations

from diffusers import UNet2DConditionModel

from .cached_attention import CachedTextAttention
from .matrix_convolution import use_matrix_convolutions
from .product_linear import use_product_linears
from .recomputed_feed_forward import use_recomputed_feed_forwards


def use_fast_layers(unet: UNet2DConditionModel) -> None:
    """Lets a UNet compute its layers as DiffMM does.

    Its parameters, and what it returns but for rounding, stay as they are.

    Args:
        unet: A UNet of Stable Diffusion 1.x or 2.x, changed in place.
    """
    unet.set_attn_processor(CachedTextAttention())
    use_matrix_convolutions(unet)
    use_product_linears(unet)
    use_recomputed_feed_forwards(unet)
