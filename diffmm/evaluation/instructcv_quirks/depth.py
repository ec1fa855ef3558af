"""Depth errors of InstructCV's released code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS

_LEVELS = 255


@METRICS.register_module()
class InstructCVDepthQuirks(BaseMetric):
    """Depth errors of InstructCV's released code.

    Its mask of valid pixels is a bitwise "and" of the meters of both maps, cut to whole
    numbers: only pixels where both are odd are compared. All others count as right.
    This more than halves the RMSE.

    Figures: ``rmse`` in meters, ``abs_rel`` and ``d1`` as shares, means over pictures.

    Example:
        >>> metric = METRICS.build(dict(type='InstructCVDepthQuirks'))
        >>> sample = dict(pred_depth_map=dict(data=torch.full((1, 4, 4), 4.9)),
        ...               gt_depth_map=dict(data=torch.full((1, 4, 4), 2.1)))
        >>> metric.process({}, [sample])
        >>> round(metric.compute_metrics(metric.results)['rmse'], 6)
        0.0

    Args:
        max_depth: Depth of the value 255 of the 8-bit maps.
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'instructcv_quirks'

    def __init__(self, max_depth: float = 10.0, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.max_depth = max_depth

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Measures a batch.

        Args:
            data_batch: Unused.
            data_samples: With ``pred_depth_map`` and ``gt_depth_map`` in meters, each
                with ``data`` of shape (1, H, W).
        """
        for sample in data_samples:
            maps = (
                self._as_file(sample[key]['data'])
                for key in ('pred_depth_map', 'gt_depth_map')
            )
            self.results.append(quirky_depth_errors(*maps))

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Averages over pictures.

        Args:
            results: Errors of every picture.
        """
        return {key: float(np.mean([r[key] for r in results])) for key in results[0]}

    def _as_file(self, depth: torch.Tensor) -> np.ndarray:
        """Rounds to the levels of the released files, in meters, (H, W)."""
        levels = (depth.squeeze(0).cpu().double() / self.max_depth * _LEVELS).round()
        # In this order: two levels can be exactly 1.25 apart.
        return (levels.clamp(0, _LEVELS) / _LEVELS * self.max_depth).numpy()


def quirky_depth_errors(pred: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Compares two depth maps as InstructCV does.

    Args:
        pred: Meters, shape (H, W).
        target: The same.

    Returns:
        ``rmse``, ``abs_rel`` and ``d1``.
    """
    both = target.astype(np.uint8) & pred.astype(np.uint8) & 1
    pred, target = pred * both, target * both
    empty = np.abs(target) <= 1e-3
    filled, wanted = pred + empty, target + empty
    with np.errstate(divide='ignore'):
        ratio = np.maximum(wanted / filled, filled / wanted)
    return dict(
        rmse=float(np.sqrt(np.mean((target - pred) ** 2))),
        abs_rel=float(np.mean(np.abs(wanted - filled) / wanted)),
        d1=float(np.mean(ratio < 1.25)),
    )
