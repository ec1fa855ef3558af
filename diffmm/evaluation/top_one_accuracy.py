"""The accuracy of classification."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS


@METRICS.register_module()
class TopOneAccuracy(BaseMetric):
    """Share of the samples whose largest logit is that of their class, in percent.

    Every sample counts as much as every other. Vermouth's released code averages over
    batches, so that the samples of a short last batch count more.

    Example:
        >>> metric = METRICS.build(dict(type='TopOneAccuracy'))
        >>> for logits, label in (([1.0, 2.0], 1), ([1.0, 2.0], 0), ([3.0, 2.0], 0)):
        ...     metric.process(
        ...         {}, [dict(logits=torch.tensor(logits), gt_label=label)])
        >>> round(metric.evaluate(3)['accuracy/top1'], 2)
        66.67

    Args:
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'accuracy'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Compares a batch.

        Args:
            data_batch: Not used.
            data_samples: Per picture ``logits`` and ``gt_label``.
        """
        for sample in data_samples:
            self.results.append(int(sample['logits'].argmax()) == sample['gt_label'])

    def compute_metrics(self, results: list[bool]) -> dict[str, float]:
        """Counts the right ones.

        Args:
            results: Whether each sample is right.

        Returns:
            ``top1``, in percent.
        """
        return dict(top1=100 * sum(results) / len(results))
