"""Comparing two computations of one operator."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def run_with_gradients(
    function: Callable[..., Tensor], *tensors: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Output of a function, and the gradients of a weighted sum of it."""
    leaves = [tensor.detach().clone().requires_grad_() for tensor in tensors]
    output = function(*leaves)
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(output.shape, generator=generator, dtype=output.dtype)
    return output.detach(), torch.autograd.grad((output * weights).sum(), leaves)


def assert_equal(one, other) -> None:
    """Outputs to 1e-5, gradients to 1e-4, relative to the largest value."""
    outputs, gradients = zip(one, other, strict=True)
    _assert_near(*outputs, 1e-5)
    for first, second in zip(*gradients, strict=True):
        _assert_near(first, second, 1e-4)


def _assert_near(one: Tensor, other: Tensor, tolerance: float) -> None:
    assert one.shape == other.shape and one.abs().max() > 0
    assert (one - other).abs().max() <= tolerance * one.abs().max()
