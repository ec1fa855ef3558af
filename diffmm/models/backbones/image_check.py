"""Whether images are what Stable Diffusion expects."""

from __future__ import annotations

import warnings

from torch import Tensor

from .padding import MIN_SIDE


def check_size(images: Tensor) -> None:
    """Refuses images that are too small for the UNet.

    Args:
        images: Shape (B, 3, H, W).

    Raises:
        ValueError: If a side is below 64 pixels.
    """
    height, width = images.shape[-2:]
    if min(height, width) < MIN_SIDE:
        raise ValueError(
            f'an image of {height}x{width} is too small: both sides must be at '
            f'least {MIN_SIDE} pixels; resize it first'
        )


def warn_about_range(images: Tensor) -> None:
    """Warns if values are outside of [-1, 1].

    Args:
        images: Shape (B, 3, H, W).
    """
    low, high = images.aminmax()
    if low < -1.05 or high > 1.05:
        warnings.warn(
            f'StableDiffusionBackbone expects RGB in [-1, 1] and got values in '
            f'[{low:.2f}, {high:.2f}]; set the data_preprocessor to mean=[127.5]*3, '
            'std=[127.5]*3, bgr_to_rgb=True',
            stacklevel=3,
        )
