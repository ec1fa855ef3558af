"""Overlaps and suppression of boxes, in place of mmcv's compiled functions.

Boxes are ``x1, y1, x2, y2``. With ``offset`` 1 a box of one pixel has equal corners.
"""

from __future__ import annotations

import numpy as np
import torch
import torchvision
from torch import Tensor

from .precision import at_least_float32

__all__ = ['bbox_overlaps', 'nms', 'nms_match', 'softnms']


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int) -> Tensor:
    """Suppresses boxes that overlap one of a higher score.

    Args:
        boxes: ``(N, 4)``.
        scores: ``(N,)``.
        iou_threshold: Overlap above which a box is dropped.
        offset: Added to widths and heights, 0 or 1.

    Returns:
        Indices of the boxes that stay, the highest score first.
    """
    boxes, scores = at_least_float32(boxes, scores)
    if offset:
        boxes = boxes + boxes.new_tensor([0, 0, offset, offset])
    return torchvision.ops.nms(boxes, scores, iou_threshold)


def softnms(
    boxes: Tensor,
    scores: Tensor,
    dets: Tensor,
    iou_threshold: float,
    sigma: float,
    min_score: float,
    method: int,
    offset: int,
) -> Tensor:
    """Lowers the scores of boxes that overlap one of a higher score.

    Args:
        boxes: ``(N, 4)``, on the CPU.
        scores: ``(N,)``.
        dets: ``(N, 5)``; written: the boxes that stay with their new scores, in the
            order of the returned indices. Further rows mean nothing.
        iou_threshold: Overlap from which a score is lowered; not used by method 2.
        sigma: Width of method 2.
        min_score: Boxes whose score falls below it are dropped.
        method: 0 drops a box, 1 multiplies its score by ``1 - overlap``, 2 by
            ``exp(-overlap^2 / sigma)``.
        offset: Added to widths and heights, 0 or 1.

    Returns:
        Indices of the boxes that stay, in the order in which they were chosen.
    """
    corners, left = (each.numpy() for each in at_least_float32(boxes, scores))
    left, order = left.copy(), np.arange(len(left))
    written = np.zeros((len(left), 5), left.dtype)
    position = 0
    while position < len(order):
        highest = position + int(np.argmax(left[order[position:]]))
        order[[position, highest]] = order[[highest, position]]
        chosen, rest = order[position], order[position + 1 :]
        written[position, :4], written[position, 4] = corners[chosen], left[chosen]
        overlap = _overlap_one(corners[chosen], corners[rest], offset)
        left[rest] *= _decay(overlap, iou_threshold, sigma, method)
        order = np.concatenate(
            [order[: position + 1], _drop(rest, left[rest] >= min_score)]
        )
        position += 1
    dets[: len(written)] = torch.from_numpy(written)
    return torch.from_numpy(order)


def _overlap_one(box: np.ndarray, others: np.ndarray, offset: int) -> np.ndarray:
    """Intersection over union of one box ``(4,)`` and others ``(N, 4)``: ``(N,)``."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    intersection = np.maximum(high - low + offset, 0).prod(1)
    area = (box[2:] - box[:2] + offset).prod()
    areas = (others[:, 2:] - others[:, :2] + offset).prod(1)
    with np.errstate(invalid='ignore'):  # two boxes without area: nan, as in mmcv
        return intersection / (area + areas - intersection)


def _decay(
    overlap: np.ndarray, threshold: float, sigma: float, method: int
) -> np.ndarray:
    if method == 2:
        return np.exp(-(overlap * overlap) / np.float32(sigma))
    lowered = 0 if method == 0 else 1 - overlap
    return np.where(overlap >= np.float32(threshold), lowered, 1).astype(overlap.dtype)


def _drop(rest: np.ndarray, stays: np.ndarray) -> np.ndarray:
    """Fills the places of dropped boxes from the end, which decides ties in mmcv."""
    count = int(stays.sum())
    places = np.flatnonzero(~stays[:count])
    movers = count + np.flatnonzero(stays[count:])[::-1]
    rest = rest.copy()
    rest[places] = rest[movers]
    return rest[:count]


def nms_match(dets: Tensor, iou_threshold: float) -> list[list[int]]:
    """Groups each box that stays with those that it suppresses.

    Args:
        dets: ``(N, 5)``, boxes and scores.
        iou_threshold: Overlap from which a box is suppressed.

    Returns:
        For each box that stays, the highest score first: its index, and those of the
        boxes it suppresses.
    """
    (rows,) = (each.numpy() for each in at_least_float32(dets.detach().cpu()))
    order, groups = np.argsort(-rows[:, 4], kind='stable'), []
    while len(order):
        chosen, rest = order[0], order[1:]
        overlap = _overlap_one(rows[chosen, :4], rows[rest, :4], 0)
        near = overlap >= np.float32(iou_threshold)
        groups.append([int(chosen), *rest[near].tolist()])
        order = rest[~near]
    return groups


def bbox_overlaps(
    bboxes1: Tensor,
    bboxes2: Tensor,
    ious: Tensor,
    mode: int,
    aligned: bool,
    offset: int,
) -> None:
    """Measures how much boxes overlap.

    Args:
        bboxes1: ``(M, 4)``.
        bboxes2: ``(N, 4)``.
        ious: Written: ``(M,)`` if ``aligned``, else ``(M, N)``.
        mode: 0 divides by the union, 1 by the area of the first box.
        aligned: Compares the boxes in pairs.
        offset: Added to widths and heights, 0 or 1.
    """
    first = bboxes1 if aligned else bboxes1[:, None]
    low = torch.maximum(first[..., :2], bboxes2[:, :2])
    high = torch.minimum(first[..., 2:], bboxes2[:, 2:])
    intersection = (high - low + offset).clamp(min=0).prod(-1)
    area = (first[..., 2:] - first[..., :2] + offset).prod(-1)
    if mode == 0:
        others = (bboxes2[:, 2:] - bboxes2[:, :2] + offset).prod(-1)
        area = area + others - intersection
    ious.copy_(intersection / area)
