"""The accuracy of classification."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS


@METRICS.register_module()
class TopOneAccuracy(BaseMetric):
    """Share of the samples whose predicted class is their own, in percent.

    As mmpretrain's ``Accuracy`` it takes scores of all classes or the predicted class
    alone: a classifier has ``logits``, a perceptor that answers in colors
    (``GeneralistPerceptor``) a ``pred_label``. Every sample counts as much as every
    other. Vermouth's released code averages over batches, so that the samples of a
    short last batch count more.

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
            data_samples: Per picture ``gt_label``, and ``logits`` or ``pred_label``.
        """
        for sample in data_samples:
            if 'logits' in sample:
                found = int(sample['logits'].argmax())
            else:
                found = sample['pred_label']
            self.results.append(found == sample['gt_label'])

    def compute_metrics(self, results: list[bool]) -> dict[str, float]:
        """Counts the right ones.

        Args:
            results: Whether each sample is right.

        Returns:
            ``top1``, in percent.
        """
        return dict(top1=100 * sum(results) / len(results))
