"""Pooling of regions of interest (RoIs), in place of mmcv's compiled functions.

A row of ``rois`` is the image's index and ``x1, y1, x2, y2`` in pixels;
``spatial_scale`` is the size of a map over that of its image.
"""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor

from .precision import at_least_float32
from .recompute import pull_back

__all__ = [
    'roi_align_backward',
    'roi_align_forward',
    'roi_pool_backward',
    'roi_pool_forward',
]


def roi_align_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Averages bilinear samples in a grid of bins.

    Args:
        input: Maps ``(B, C, H, W)``.
        rois: ``(N, 5)``.
        output: Written: ``(N, C, aligned_height, aligned_width)``.
        argmax_y: For maxima; not used.
        argmax_x: For maxima; not used.
        aligned_height: Rows of bins.
        aligned_width: Columns of bins.
        spatial_scale: Size of a map over that of its image.
        sampling_ratio: Samples along a side of a bin; 0 adapts to the region's size.
        pool_mode: 1 averages; 0, the maximum, is refused.
        aligned: Shifts samples by half a pixel, to where pixels have their centers.

    Raises:
        NotImplementedError: If ``pool_mode`` asks for the maximum.
    """
    _require_average(pool_mode)
    size = (aligned_height, aligned_width)
    options = (spatial_scale, sampling_ratio, aligned)
    maps, rois = at_least_float32(input, rois)
    output.copy_(torchvision.ops.roi_align(maps, rois, size, *options))


def roi_align_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    grad_input: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Adds to ``grad_input`` ``(B, C, H, W)``; arguments as in the forward.

    Raises:
        NotImplementedError: If ``pool_mode`` asks for the maximum.
    """
    _require_average(pool_mode)
    size = (aligned_height, aligned_width)
    options = (spatial_scale, sampling_ratio, aligned)

    def align(maps: Tensor) -> Tensor:
        return torchvision.ops.roi_align(*at_least_float32(maps, rois), size, *options)

    # Linear in the maps, so their values do not matter; their shape does.
    (gradient,) = pull_back(align, [grad_input], grad_output)
    grad_input.add_(gradient)


def _require_average(pool_mode: int) -> None:
    if pool_mode != 1:
        raise NotImplementedError(
            "RoI align with pool_mode='max' is not among the operators that DiffMM "
            "replaces: use pool_mode='avg', or compile mmcv's operators (make ops)"
        )


def roi_pool_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax: Tensor,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
) -> None:
    """Takes the maximum in each bin of a grid over the region.

    mmcv's bins begin and end at unrounded corners, unlike torchvision's.

    Args:
        input: Maps ``(B, C, H, W)``.
        rois: ``(N, 5)``.
        output: Written: ``(N, C, pooled_height, pooled_width)``; 0 where a bin lies
            outside.
        argmax: Written, same shape: index ``y * W + x`` of the maximum; -1 where a bin
            lies outside.
        pooled_height: Rows of bins.
        pooled_width: Columns of bins.
        spatial_scale: Size of a map over that of its image.
    """
    height, width = input.shape[-2:]
    output.zero_()
    argmax.fill_(-1)
    tops, bottoms = _bins(rois[:, 2], rois[:, 4], spatial_scale, pooled_height, height)
    lefts, rights = _bins(rois[:, 1], rois[:, 3], spatial_scale, pooled_width, width)
    images = rois[:, 0].long().tolist()
    for roi, image in enumerate(images):
        for i, (top, bottom) in enumerate(zip(tops[roi], bottoms[roi], strict=True)):
            for j, (left, right) in enumerate(
                zip(lefts[roi], rights[roi], strict=True)
            ):
                if top >= bottom or left >= right:
                    continue
                window = input[image, :, top:bottom, left:right].flatten(1)
                output[roi, :, i, j], index = window.max(1)
                columns = right - left
                rows = top + index // columns
                argmax[roi, :, i, j] = (rows * width + left + index % columns).int()


def _bins(
    start: Tensor, end: Tensor, scale: float, count: int, limit: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Places ``count`` bins along one side of each region, cut off at the map's edge.

    Args:
        start: First pixels ``(N,)``.
        end: Last pixels ``(N,)``.
        scale: Size of the map over that of its image.
        count: Bins.
        limit: Size of the map.

    Returns:
        First pixel and the one after the last, of each region's bins; a region that
        ends before it starts has empty bins.
    """
    first = (start * scale)[:, None]
    step = ((end + 1) * scale)[:, None].sub(first) / count
    number = torch.arange(count, device=start.device)
    low = (number * step + first).floor().clamp(0, limit).int()
    high = ((number + 1) * step + first).ceil().clamp(0, limit).int()
    return low.tolist(), torch.where(step > 0, high, low).tolist()


def roi_pool_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax: Tensor,
    grad_input: Tensor,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
) -> None:
    """Adds to ``grad_input`` ``(B, C, H, W)`` where the maxima were."""
    channels = grad_input.shape[1]
    maps = rois[:, :1].long() * channels + torch.arange(channels, device=rois.device)
    place = maps[:, :, None, None] * grad_input[0, 0].numel() + argmax
    inside = argmax >= 0
    grad_input.view(-1).index_add_(0, place[inside], grad_output[inside])
