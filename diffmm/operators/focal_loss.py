"""Focal losses, in place of mmcv's compiled functions (CUDA only in mmcv).

Focal Loss for Dense Object Detection, https://arxiv.org/abs/1708.02002, equation 5.
"""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor
from torch.nn import functional

from .recompute import pull_back

__all__ = [
    'sigmoid_focal_loss_backward',
    'sigmoid_focal_loss_forward',
    'softmax_focal_loss_backward',
    'softmax_focal_loss_forward',
]


def sigmoid_focal_loss_forward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    output: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Computes one binary focal loss a class.

    Args:
        input: Logits ``(N, C)``.
        target: Classes ``(N,)`` of type int64; C, or a negative number, is background.
        weight: A factor for each class ``(C,)``; empty for none. Then no target may be
            background.
        output: Written: ``(N, C)``.
        gamma: Focusing exponent.
        alpha: Weight of the positive class; negatives get ``1 - alpha``.
    """
    output.copy_(_sigmoid_focal_loss(input, target, weight, gamma, alpha))


def sigmoid_focal_loss_backward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    grad_input: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Writes the gradient of the losses' sum to ``grad_input`` ``(N, C)``."""

    def loss(logits: Tensor) -> Tensor:
        return _sigmoid_focal_loss(logits, target, weight, gamma, alpha)

    (gradient,) = pull_back(loss, [input], torch.ones_like(input))
    grad_input.copy_(gradient)


def _sigmoid_focal_loss(
    logits: Tensor, target: Tensor, weight: Tensor, gamma: float, alpha: float
) -> Tensor:
    classes = torch.arange(logits.shape[1], device=logits.device)
    positive = (target[:, None] == classes).to(logits)
    loss = torchvision.ops.sigmoid_focal_loss(logits, positive, alpha, gamma)
    return loss * weight[target][:, None] if weight.numel() else loss


def softmax_focal_loss_forward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    output: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Computes one focal loss a row.

    Args:
        input: Probabilities ``(N, C)``, the softmax of the logits.
        target: Classes ``(N,)`` of type int64; the loss of a negative one is 0.
        weight: A factor for each class ``(C,)``; empty for none.
        output: Written: ``(N,)``.
        gamma: Focusing exponent.
        alpha: Factor of the loss.
    """
    p, log_p = _target_probability(input, target)
    loss = -alpha * (1 - p) ** gamma * log_p
    output.copy_(loss * _row_weight(target, weight))


def softmax_focal_loss_backward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    buff: Tensor,
    grad_input: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Writes the gradient with respect to the logits, ``(N, C)``, to ``grad_input``.

    ``buff`` ``(N,)`` is written too: the derivative by the target's log-probability.
    """
    p, log_p = _target_probability(input, target)
    slope = alpha * (gamma * (1 - p) ** (gamma - 1) * p * log_p - (1 - p) ** gamma)
    buff.copy_(slope * _row_weight(target, weight))
    hit = functional.one_hot(target.clamp(min=0), input.shape[1])
    grad_input.copy_(buff[:, None] * (hit - input))


def _target_probability(softmax: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    p = softmax.gather(1, target.clamp(min=0)[:, None])[:, 0]
    return p, p.clamp(min=torch.finfo(torch.float32).tiny).log()


def _row_weight(target: Tensor, weight: Tensor) -> Tensor:
    """1, or the class's factor; 0 for a negative class."""
    counts = target >= 0
    return counts * weight[target.clamp(min=0)] if weight.numel() else counts
