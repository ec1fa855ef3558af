"""Gradients of a replaced operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def pull_back(
    function: Callable[..., Tensor], tensors: Sequence[Tensor], grad_output: Tensor
) -> tuple[Tensor, ...]:
    """Runs a function once more, this time with gradients.

    mmcv calls an operator's backward apart from its forward, without the graph between
    them.

    Args:
        function: Maps ``tensors`` to the operator's output.
        tensors: Where to differentiate.
        grad_output: Gradient with respect to the output, of its shape.

    Returns:
        Gradient with respect to each of ``tensors``, of its shape.
    """
    with torch.enable_grad():
        leaves = [tensor.detach().requires_grad_() for tensor in tensors]
        output = function(*leaves)
        return torch.autograd.grad(output, leaves, grad_output.to(output.dtype))
