"""Feed-forward layers that keep half of what their backward pass needs."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers.models.activations import GEGLU
from diffusers.models.attention import FeedForward
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from .onednn_product import is_watched
from .product_linear import ProductLinear, linear_gradients, multiply_fastest


class RecomputedFeedForward(FeedForward):
    """A gated feed-forward layer that computes its gate again in the backward pass.

    Of C channels, the first linear layer makes 8C, the activation of the gate and its
    product with the rest 4C each. The latter two are not kept. In Stable Diffusion 1.5
    they are a sixth of all that a training step keeps, and less than a hundredth of its
    time.
    """

    def forward(self, hidden: Tensor) -> Tensor:
        """Applies the layer.

        Args:
            hidden: Shape (..., C).

        Returns:
            What ``FeedForward`` returns. The gradients are the same, too.
        """
        if not self._can_recompute():
            return super().forward(hidden)
        projected = self.net[0].proj(hidden)
        weight, bias = self.net[2].weight, self.net[2].bias
        if torch.is_autocast_enabled(projected.device.type):
            # Autocast does not look into an `autograd.Function`.
            weight = weight.to(projected.dtype)
            bias = None if bias is None else bias.to(projected.dtype)
        return _GatedLinear.apply(projected, weight, bias)

    def _can_recompute(self) -> bool:
        """Tells if the layers are plain, and nobody looks at each of them."""
        if not torch.is_grad_enabled() or is_watched() or len(self.net) != 3:
            return False
        gate, dropout, last = self.net
        return (
            type(dropout) is nn.Dropout
            and not (dropout.training and dropout.p > 0)
            and type(last) in (nn.Linear, ProductLinear)
            and not any(_has_hooks(module) for module in (gate, dropout, last))
        )


def use_recomputed_feed_forwards(model: nn.Module) -> None:
    """Lets a model's gated feed-forward layers keep less for the backward pass.

    Parameters, their names and hooks stay as they are.

    Args:
        model: Such as a UNet, changed in place.
    """
    for module in model.modules():
        if type(module) is FeedForward and type(module.net[0]) is GEGLU:
            module.__class__ = RecomputedFeedForward


class _GatedLinear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, projected: Tensor, weight: Tensor, bias: Tensor | None
    ) -> Tensor:
        ctx.save_for_backward(projected, weight)
        return multiply_fastest(_gated(projected), weight, bias)

    @staticmethod
    def backward(
        ctx: FunctionCtx, gradient: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        projected, weight = ctx.saved_tensors
        needs_projected, *needs = ctx.needs_input_grad
        gated = _gated(projected) if needs[0] else None
        of_gated, of_weight, of_bias = linear_gradients(
            gated, weight, gradient, (needs_projected, *needs)
        )
        del gated  # as large as each of what follows
        of_projected = None
        if needs_projected:
            hidden, gate = projected.chunk(2, dim=-1)
            of_gate = torch.ops.aten.gelu_backward(of_gated * hidden, gate)
            of_hidden = of_gated * F.gelu(gate)
            del of_gated
            of_projected = torch.cat([of_hidden, of_gate], dim=-1)
        return of_projected, of_weight, of_bias


def _gated(projected: Tensor) -> Tensor:
    hidden, gate = projected.chunk(2, dim=-1)
    return hidden * F.gelu(gate)


def _has_hooks(module: nn.Module) -> bool:
    return bool(
        module._forward_pre_hooks
        or module._forward_hooks
        or module._backward_pre_hooks
        or module._backward_hooks
    )
