# Needs mmsegmentation.
"""Errors of depth that is known up to scale and shift."""

from __future__ import annotations

import torch
from mmengine.registry import METRICS
from torch import Tensor

from .per_image_depth_metric import PerImageDepthMetric


@METRICS.register_module()
class AlignedDepthMetric(PerImageDepthMetric):
    """``PerImageDepthMetric`` of predictions that are brought to meters first.

    Each picture gets the scale and the shift with the smallest squared error over its
    valid pixels (Marigold, section 4.1); then its depth is clipped to the valid range.
    The scale may be negative, as in the released code.

    Example:
        >>> metric = METRICS.build(dict(type='AlignedDepthMetric'))
        >>> depth = torch.rand(1, 8, 8) + 1
        >>> sample = dict(pred_depth_map=dict(data=depth / 7 - 3),
        ...               gt_depth_map=dict(data=depth))
        >>> metric.process({}, [sample])
        >>> round(float(metric.results[0]['abs_rel']), 4)
        0.0
    """

    def _measure(self, pred: Tensor, target: Tensor, path: str) -> dict | None:
        if pred.shape == target.shape:
            valid = self._get_eval_mask(target)
            pred = align_depth(pred, target, valid)
            pred = pred.clamp(self.min_depth_eval, self.max_depth_eval)
        return super()._measure(pred, target, path)


def align_depth(pred: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Fits a scale and a shift by least squares.

    Args:
        pred: Relative depth, any shape.
        target: Depth in meters, same shape.
        valid: Which pixels count, bool, same shape.

    Returns:
        The prediction in meters, double precision; the constant that fits best if the
        prediction is constant.
    """
    pred = pred.double()
    known, seen = target[valid].double(), pred[valid]
    if not len(known):
        return pred
    centered = seen - seen.mean()
    spread = centered.square().sum()
    scale = (centered * known).sum() / spread if spread > 0 else torch.zeros(())
    return scale * (pred - seen.mean()) + known.mean()
