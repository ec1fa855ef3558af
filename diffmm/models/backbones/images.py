"""Images on their way into the backbone: checks, padding and cropping."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F
from torch import Tensor

# Stride of the UNet's coarsest map, so the smallest side of an image, too.
MIN_SIDE = 64
# Resizing with a bicubic filter overshoots a little.
_LARGEST = 1.05


def check_images(images: Tensor, dtype: torch.dtype) -> None:
    """Refuses what is no batch of images.

    Args:
        images: The batch.
        dtype: That of the model's weights.

    Raises:
        ValueError: If its shape is not (B, 3, H, W), it is empty, or its numbers are
            integers, or doubles for a model that is not.
    """
    shape = tuple(images.shape)
    if len(shape) != 4 or shape[1] != 3:
        raise ValueError(f'images are RGB of shape (B, 3, H, W), got {shape}')
    if 0 in shape:
        raise ValueError(f'the batch of images is empty: it has shape {shape}')
    if not images.is_floating_point():
        raise ValueError(
            f'images are floats in [-1, 1], got {images.dtype}; the data_preprocessor '
            'converts pixels, as pixels / 127.5 - 1 does'
        )
    if images.dtype == torch.float64 != dtype:
        raise ValueError(
            f'images are {images.dtype} and the weights {dtype}: give images.float()'
        )


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
    """Warns if values leave [-1, 1], or if all of them lie in [0, 1].

    Images in [0, 1] look right to every other check, and the features of half the
    contrast are worse without an error. A batch whose every pixel is brighter than
    mid-gray is warned about, too: it is rarer by far.

    Args:
        images: Shape (B, 3, H, W).
    """
    if images.is_meta:  # shapes alone, as when operations are counted
        return
    low, high = (value.item() for value in images.aminmax())
    if -_LARGEST <= low < 0 and high <= _LARGEST:
        return
    if low >= 0 and high <= _LARGEST:
        if low == high:  # a blank image, as tools measure with
            return
        found = f'only values in [{low:.2f}, {high:.2f}], as if pixels were in [0, 1]'
    else:
        found = f'values in [{low:.2f}, {high:.2f}]'
    warnings.warn(
        f'Stable Diffusion expects RGB in [-1, 1] and got {found}; set the '
        'data_preprocessor to mean=[127.5]*3, std=[127.5]*3, bgr_to_rgb=True',
        stacklevel=3,
    )


class RangeCheck:
    """The check of `warn_about_range`, made for the first images that a module sees."""

    def __init__(self) -> None:
        self._is_done = False

    def __call__(self, images: Tensor) -> None:
        """Checks images, once.

        Args:
            images: Shape (B, 3, H, W).
        """
        # A compiler cannot follow a branch on pixels.
        if not self._is_done and not torch.compiler.is_compiling():
            self._is_done = True
            warn_about_range(images)


def pad_images(images: Tensor) -> Tensor:
    """Pads right and bottom with mid-gray to multiples of 64, as the papers do.

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
