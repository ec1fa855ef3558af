"""Attention operators, in place of mmcv's compiled functions."""

from __future__ import annotations

import importlib

import torch
from torch import Tensor
from torch.nn import functional

from .recompute import pull_back

__all__ = [
    'ms_deform_attn_backward',
    'ms_deform_attn_forward',
    'psamask_backward',
    'psamask_forward',
]


def ms_deform_attn_forward(
    value: Tensor,
    value_spatial_shapes: Tensor,
    value_level_start_index: Tensor,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    im2col_step: int,
) -> Tensor:
    """Attends to a few points of several maps (Deformable DETR).

    mmcv calls it for tensors on a GPU; on a CPU it uses its own PyTorch version, which
    is what runs here.

    Args:
        value: ``(B, keys, heads, D)``, the maps one after another.
        value_spatial_shapes: Height and width of each map ``(L, 2)``.
        value_level_start_index: First key of each map; follows from the shapes.
        sampling_locations: ``(B, queries, heads, L, points, 2)``, x and y in [0, 1].
        attention_weights: ``(B, queries, heads, L, points)``.
        im2col_step: Images at a time in mmcv; not used.

    Returns:
        ``(B, queries, heads * D)``.
    """
    attend = _find_attention()
    shapes = value_spatial_shapes.tolist()
    return attend(value, shapes, sampling_locations, attention_weights)


def ms_deform_attn_backward(
    value: Tensor,
    value_spatial_shapes: Tensor,
    value_level_start_index: Tensor,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    grad_output: Tensor,
    grad_value: Tensor,
    grad_sampling_loc: Tensor,
    grad_attn_weight: Tensor,
    im2col_step: int,
) -> None:
    """Adds to the three gradients; arguments as in the forward."""
    attend, shapes = _find_attention(), value_spatial_shapes.tolist()

    def run(value: Tensor, locations: Tensor, weights: Tensor) -> Tensor:
        return attend(value, shapes, locations, weights)

    tensors = [value, sampling_locations, attention_weights]
    gradients = pull_back(run, tensors, grad_output)
    for total, gradient in zip(
        (grad_value, grad_sampling_loc, grad_attn_weight), gradients, strict=True
    ):
        total.add_(gradient)


def _find_attention():
    # Not at module level: this module is loaded while mmcv.ops is.
    module = importlib.import_module('mmcv.ops.multi_scale_deform_attn')
    return module.multi_scale_deformable_attn_pytorch


def psamask_forward(
    input: Tensor,
    output: Tensor,
    psa_type: int,
    num_: int,
    h_feature: int,
    w_feature: int,
    h_mask: int,
    w_mask: int,
    half_h_mask: int,
    half_w_mask: int,
) -> None:
    """Turns masks around each pixel into attention over all pixels (PSANet).

    Args:
        input: Masks ``(num_, h_mask * w_mask, h_feature, w_feature)``; each is centered
            on its pixel.
        output: Written: ``(num_, h_feature * w_feature, h_feature, w_feature)``; 0
            beyond the masks.
        psa_type: 0 collects: the channel is the pixel attended to; 1 distributes: the
            channel is the pixel that attends.
        num_: Images.
        h_feature: Rows.
        w_feature: Columns.
        h_mask: Rows of a mask.
        w_mask: Columns of a mask.
        half_h_mask: Row of a mask's center.
        half_w_mask: Column of a mask's center.
    """
    halves = (half_h_mask, half_w_mask)
    output.copy_(_spread_masks(input, psa_type, (h_mask, w_mask), halves))


def psamask_backward(
    grad_output: Tensor,
    grad_input: Tensor,
    psa_type: int,
    num_: int,
    h_feature: int,
    w_feature: int,
    h_mask: int,
    w_mask: int,
    half_h_mask: int,
    half_w_mask: int,
) -> None:
    """Adds to ``grad_input``, shaped as the masks; arguments as in the forward."""
    halves = (half_h_mask, half_w_mask)

    def spread(masks: Tensor) -> Tensor:
        return _spread_masks(masks, psa_type, (h_mask, w_mask), halves)

    # Linear in the masks, so their values do not matter; their shape does.
    (gradient,) = pull_back(spread, [grad_input], grad_output)
    grad_input.add_(gradient)


def _spread_masks(
    masks: Tensor, psa_type: int, size: tuple[int, int], halves: tuple[int, int]
) -> Tensor:
    height, width = masks.shape[-2:]
    masks = masks.unflatten(1, size)  # (B, mask rows, mask columns, H, W)
    # Room for every place of the map around every pixel.
    masks = functional.pad(masks, [0, 0, 0, 0, width, width, height, height])
    y = torch.arange(height, device=masks.device)
    x = torch.arange(width, device=masks.device)
    row = y[:, None] - y + halves[0] + height  # (place's y, pixel's y)
    column = x[:, None] - x + halves[1] + width
    spread = masks[:, row[:, None, :, None], column[:, None], y[:, None], x]
    if psa_type == 1:
        spread = spread.permute(0, 3, 4, 1, 2)
    return spread.reshape(len(masks), height * width, height, width)
