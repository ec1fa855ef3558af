"""Linear layers by the library that is faster on this processor."""

from __future__ import annotations

import torch
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
        rows = gradient.reshape(-1, gradient.shape[-1])  # (N, K)
        of_hidden = of_weight = of_bias = None
        if ctx.needs_input_grad[0]:
            of_hidden = multiply(rows, weight.t())
            of_hidden = of_hidden.reshape(*gradient.shape[:-1], -1)
        if ctx.needs_input_grad[1]:
            of_weight = multiply(rows.t(), hidden.reshape(-1, hidden.shape[-1]).t())
        if ctx.needs_input_grad[2]:
            of_bias = rows.sum(dim=0)
        return of_hidden, of_weight, of_bias
