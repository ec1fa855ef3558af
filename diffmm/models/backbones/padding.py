"""Images of any size for a UNet that wants multiples of 64 pixels."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

# Stride of the UNet's coarsest map, hence the smallest side of an image too.
MIN_SIDE = 64


def pad_images(images: Tensor) -> Tensor:
    """Pads right and bottom with mid-grey to multiples of 64, as the papers do.

    Args:
        images: RGB in [-1, 1], shape (B, 3, H, W).

    Returns:
        The padded images.
    """
    height, width = images.shape[-2:]
    return F.pad(images, (0, -width % MIN_SIDE, 0, -height % MIN_SIDE))


def crop_feature(feature: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Drops what padding added.

    Args:
        feature: Map of the padded image, shape (B, C, h, w).
        size: Height and width of the image before padding.
        stride: Image pixels per pixel of the map.

    Returns:
        The map of the image, (B, C, ceil(H / stride), ceil(W / stride)).
    """
    height, width = (-(-side // stride) for side in size)
    return feature[..., :height, :width]
