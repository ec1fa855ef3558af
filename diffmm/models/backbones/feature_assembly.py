"""From the output of a UNet's pass to the feature maps of a backbone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from diffmm.diffusion import UNetFeatures

from .padding import crop_feature


def assemble_maps(
    output: UNetFeatures,
    strides: Sequence[int],
    size: tuple[int, int] | None,
    pool_maps: Callable[[Tensor], Tensor],
    attention_scale: float,
) -> tuple[list[Tensor], dict[int, Tensor]]:
    """Crops the maps and appends attention maps to the features of their stride.

    Args:
        output: What the UNet returned for the padded image.
        strides: Image pixels per pixel of every level.
        size: Height and width of the image before padding; None keeps the padding.
        pool_maps: Turns attention maps of tokens into maps of names.
        attention_scale: Factor on the attention maps where they are appended.

    Returns:
        The feature maps (B, C, ceil(H / s), ceil(W / s)), and the attention maps by
        stride, without the factor.
    """

    def crop(value: Tensor, stride: int) -> Tensor:
        return value if size is None else crop_feature(value, size, stride)

    attention_maps = {
        strides[level]: crop(pool_maps(attention_map), strides[level])
        for level, attention_map in output.attention_maps.items()
    }
    maps = []
    for feature, stride in zip(output.maps, strides, strict=True):
        feature = crop(feature, stride)
        if stride in attention_maps:
            # Probabilities are float32, features may be half precision.
            extra = attention_maps[stride].to(feature.dtype) * attention_scale
            feature = torch.cat([feature, extra], dim=1)
        maps.append(feature)
    return maps, attention_maps
