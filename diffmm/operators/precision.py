"""Precision that torchvision's operators know."""

from __future__ import annotations

import functools

import torch
from torch import Tensor


def at_least_float32(*tensors: Tensor) -> list[Tensor]:
    """Gives tensors the widest of their types, and float32 at least.

    On a CPU no operator of torchvision knows half precision or bfloat16, and none takes
    mixed types. Coordinates of boxes would lose pixels in them, too.

    Args:
        tensors: Numbers of any type.

    Returns:
        The tensors in one type; those that have it are not copied.
    """
    types = (tensor.dtype for tensor in tensors)
    dtype = functools.reduce(torch.promote_types, types, torch.float32)
    return [tensor.to(dtype) for tensor in tensors]
