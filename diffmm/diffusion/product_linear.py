"""Linear layers by the library that is faster on this processor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from .onednn_product import is_onednn_faster, is_watched, multiply


class ProductLinear(nn.Linear):
    """A linear layer that oneDNN computes where it is faster than PyTorch's choice.

    So are its gradients.
    """

    def forward(self, hidden: Tensor) -> Tensor:
        """Applies the layer.

        Args:
            hidden: Shape (..., C).

        Returns:
            What ``nn.Linear`` returns, but for rounding.
        """
        if is_watched() or not self._is_product_faster(hidden):
            return super().forward(hidden)
        return _LinearProduct.apply(hidden, self.weight, self.bias)

    def _is_product_faster(self, hidden: Tensor) -> bool:
        weight, bias = self.weight, self.bias
        # Everything else is PyTorch's, its errors, too.
        return (
            hidden.dim() > 1
            and hidden.shape[-1] == weight.shape[-1]
            and is_onednn_faster(hidden, weight, bias, hidden.shape[:-1].numel())
        )


def use_product_linears(model: nn.Module) -> None:
    """Lets oneDNN compute a model's linear layers where that is faster.

    Parameters, their names and hooks stay as they are.

    Args:
        model: Such as a UNet, changed in place.
    """
    for module in model.modules():
        if type(module) is nn.Linear:
            module.__class__ = ProductLinear


def multiply_fastest(hidden: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Applies a linear layer within a pass of an ``autograd.Function``.

    Args:
        hidden: Shape (..., C), at least one dimension.
        weight: Shape (K, C).
        bias: Shape (K,), or None.

    Returns:
        Shape (..., K), by oneDNN where that is faster than PyTorch's choice.
    """
    rows = hidden.shape[:-1].numel()
    if hidden.dim() > 1 and is_onednn_faster(hidden, weight, bias, rows):
        return multiply(hidden, weight, bias)
    return F.linear(hidden, weight, bias)


def linear_gradients(
    hidden: Tensor | None,
    weight: Tensor | None,
    gradient: Tensor,
    needed: Sequence[bool],
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Computes the gradients of a linear layer, by the library that is faster.

    Args:
        hidden: Its input, shape (..., C); may be None if the weight needs no gradient.
        weight: Shape (K, C); may be None if the input needs no gradient.
        gradient: Gradient of its output, shape (..., K).
        needed: Whether input, weight and bias need one.

    Returns:
        Gradients of input, weight and bias, or None.
    """
    rows = gradient.reshape(-1, gradient.shape[-1])  # (N, K)
    of_hidden = of_weight = of_bias = None
    if needed[0]:
        of_hidden = multiply_fastest(rows, weight.t(), None)
        of_hidden = of_hidden.reshape(*gradient.shape[:-1], -1)
    if needed[1]:
        columns = hidden.reshape(-1, hidden.shape[-1]).t()  # (C, N)
        of_weight = multiply_fastest(rows.t(), columns, None)
    if needed[2]:
        of_bias = rows.sum(dim=0)
    return of_hidden, of_weight, of_bias


class _LinearProduct(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, hidden: Tensor, weight: Tensor, bias: Tensor | None
    ) -> Tensor:
        # What is frozen needs no other operand.
        needs_hidden, needs_weight, _ = ctx.needs_input_grad
        ctx.save_for_backward(
            hidden if needs_weight else None, weight if needs_hidden else None
        )
        return multiply(hidden, weight, bias)

    @staticmethod
    def backward(
        ctx: FunctionCtx, gradient: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        hidden, weight = ctx.saved_tensors
        return linear_gradients(hidden, weight, gradient, ctx.needs_input_grad)
