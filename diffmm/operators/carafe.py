"""CARAFE, in place of mmcv's compiled functions (CUDA only in mmcv).

Content-Aware ReAssembly of FEatures, https://arxiv.org/abs/1905.02188, equation 2.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from .recompute import pull_back

__all__ = [
    'carafe_backward',
    'carafe_forward',
    'carafe_naive_backward',
    'carafe_naive_forward',
]


def carafe_forward(
    features: Tensor,
    masks: Tensor,
    rfeatures: Tensor,
    routput: Tensor,
    rmasks: Tensor,
    output: Tensor,
    kernel_size: int,
    group_size: int,
    scale_factor: int,
) -> None:
    """Enlarges maps: each new pixel is a weighted sum of old ones around its place.

    Args:
        features: ``(B, C, H, W)``.
        masks: Weights ``(B, group_size * kernel_size^2, scale_factor * H,
            scale_factor * W)``.
        rfeatures: Written: the features, which mmcv hands to the backward.
        routput: A buffer of mmcv's; not used, and so ``rmasks``.
        rmasks: Not used.
        output: Written: ``(B, C, scale_factor * H, scale_factor * W)``.
        kernel_size: Side of the window of old pixels.
        group_size: Groups of channels with weights of their own.
        scale_factor: How much larger the new map is.
    """
    rfeatures.copy_(features)
    output.copy_(_reassemble(features, masks, kernel_size, group_size, scale_factor))


def carafe_backward(
    top_grad: Tensor,
    rfeatures: Tensor,
    masks: Tensor,
    rtop_grad: Tensor,
    rbottom_grad_hs: Tensor,
    rbottom_grad: Tensor,
    rmask_grad: Tensor,
    bottom_grad: Tensor,
    mask_grad: Tensor,
    kernel_size: int,
    group_size: int,
    scale_factor: int,
) -> None:
    """Adds to ``bottom_grad`` (features) and ``mask_grad``; the rest as the forward."""
    sizes = (kernel_size, group_size, scale_factor)
    carafe_naive_backward(top_grad, rfeatures, masks, bottom_grad, mask_grad, *sizes)


def carafe_naive_forward(
    features: Tensor,
    masks: Tensor,
    output: Tensor,
    kernel_size: int,
    group_size: int,
    scale_factor: int,
) -> None:
    """Writes ``output``; :func:`carafe_forward` without buffers."""
    output.copy_(_reassemble(features, masks, kernel_size, group_size, scale_factor))


def carafe_naive_backward(
    top_grad: Tensor,
    features: Tensor,
    masks: Tensor,
    bottom_grad: Tensor,
    mask_grad: Tensor,
    kernel_size: int,
    group_size: int,
    scale_factor: int,
) -> None:
    """Adds to ``bottom_grad`` (features) and ``mask_grad``; the rest as the forward."""

    def reassemble(features: Tensor, masks: Tensor) -> Tensor:
        return _reassemble(features, masks, kernel_size, group_size, scale_factor)

    gradients = pull_back(reassemble, [features, masks], top_grad)
    bottom_grad.add_(gradients[0])
    mask_grad.add_(gradients[1])


def _reassemble(
    features: Tensor, masks: Tensor, kernel_size: int, groups: int, scale: int
) -> Tensor:
    channels, height, width = features.shape[1:]
    padding = (kernel_size - 1) // 2
    padded = functional.pad(features, [padding] * 4)
    weights = masks.unflatten(1, (groups, 1, kernel_size**2))  # (B, G, 1, K*K, sH, sW)
    total = 0
    # One window offset at a time: all at once takes kernel_size^2 times the memory.
    for place in range(kernel_size**2):
        top, left = divmod(place, kernel_size)
        shifted = padded[..., top : top + height, left : left + width]
        enlarged = shifted.repeat_interleave(scale, -2).repeat_interleave(scale, -1)
        # -1 cannot be inferred for a batch of none. (B, G, C / G, sH, sW)
        grouped = enlarged.unflatten(1, (groups, channels // groups))
        total = total + grouped * weights[:, :, :, place]
    return total.flatten(1, 2)
