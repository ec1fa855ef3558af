"""Accuracy of classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS


@METRICS.register_module()
class LabelAccuracy(BaseMetric):
    """Share of pictures whose predicted class is the true one, in percent.

    Example:
        >>> metric = METRICS.build(dict(type='LabelAccuracy'))
        >>> metric.process({}, [dict(pred_label=2, gt_label=2)])
        >>> metric.compute_metrics(metric.results)
        {'accuracy': 100.0}

    Args:
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'classification'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Compares the labels of a batch.

        Args:
            data_batch: Unused.
            data_samples: With ``pred_label`` and ``gt_label``.
        """
        for sample in data_samples:
            self.results.append(sample['pred_label'] == sample['gt_label'])

    def compute_metrics(self, results: list[bool]) -> dict[str, float]:
        """Averages over pictures.

        Args:
            results: Whether each was right.
        """
        return dict(accuracy=float(100 * np.mean(results)))
