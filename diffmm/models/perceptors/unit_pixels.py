"""Pixels of pictures in [-1, 1]."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def to_uint8(picture: Tensor) -> np.ndarray:
    """Turns a picture into pixels, as OpenCV and Pillow read them.

    Args:
        picture: RGB in [-1, 1], shape (3, H, W).

    Returns:
        RGB, shape (H, W, 3), uint8.
    """
    pixels = ((picture.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255)
    return np.ascontiguousarray(pixels.to(torch.uint8).permute(1, 2, 0).numpy())
