"""Frames of a perceptor: the padded one of its latents, and that of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor

# Axes of (C, H, W) that a flip of mmcv turns around.
_AXES = dict(horizontal=(2,), vertical=(1,), diagonal=(1, 2))


def pad_to_multiple(images: Tensor, multiple: int) -> Tensor:
    """Repeats the last row and column until both sides are multiples.

    diffusers' Marigold does the same. (The released one lets the VAE cut off the rest,
    and stretches the prediction.)

    Args:
        images: Shape (B, C, H, W).
        multiple: Pixels per latent.

    Returns:
        The padded images.
    """
    height, width = images.shape[-2:]
    padding = (0, -width % multiple, 0, -height % multiple)
    return F.pad(images, padding, mode='replicate') if any(padding) else images


def latent_mask(valid: Tensor, stride: int) -> Tensor:
    """Finds the latents whose pixels are all valid.

    Args:
        valid: Where a target is known, bool, shape (B, 1, H, W). What is padded to a
            multiple of the stride is not.
        stride: Pixels per latent.

    Returns:
        Shape (B, 1, h, w), bool.
    """
    height, width = valid.shape[-2:]
    invalid = F.pad(
        (~valid).float(), (0, -width % stride, 0, -height % stride), value=1
    )
    return F.max_pool2d(invalid, stride) == 0


def restore_frame(prediction: Tensor, meta: Mapping[str, Any]) -> Tensor:
    """Brings a prediction into the frame of the original picture.

    Args:
        prediction: In the frame of the network's input, shape (C, H, W).
        meta: The picture's metainfo. The padding of the data preprocessor and a flip
            are undone, then the prediction is resized to ``ori_shape``.

    Returns:
        Shape (C, H', W').
    """
    padding = meta.get('img_padding_size', meta.get('padding_size', (0, 0, 0, 0)))
    left, right, top, bottom = padding
    height, width = prediction.shape[-2:]
    prediction = prediction[:, top : height - bottom, left : width - right]
    if meta.get('flip'):
        prediction = prediction.flip(_AXES[meta.get('flip_direction', 'horizontal')])
    size = tuple(meta.get('ori_shape', prediction.shape[-2:])[:2])
    if size == tuple(prediction.shape[-2:]):
        return prediction
    return F.interpolate(prediction[None], size, mode='bilinear')[0]
