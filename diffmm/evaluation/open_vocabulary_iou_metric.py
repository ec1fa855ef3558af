# Needs mmsegmentation.
"""The IoU of open-vocabulary segmentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.registry import METRICS
from mmseg.evaluation import IoUMetric

from diffmm.utils.class_names import (
    normalize_name,
    resolve_class_names,
    split_synonyms,
)

# COCO-Stuff writes "wall-other" and "desk-stuff".
_SUFFIX = re.compile(r'-(other|stuff)$')


@METRICS.register_module()
class OpenVocabularyIoUMetric(IoUMetric):
    """mmsegmentation's ``IoUMetric``, also of seen and of unseen classes apart.

    A class counts as seen if one of its words is the name of a class that was trained.
    Beside ``mIoU`` there are ``mIoU_seen`` and ``mIoU_unseen``, each if the pictures
    show such a class.

    Example:
        >>> from mmengine.structures import PixelData
        >>> metric = METRICS.build(dict(
        ...     type='OpenVocabularyIoUMetric', trained=['sky', 'wall-other']))
        >>> metric.dataset_meta = dict(classes=['wall', 'sky', 'boat, ship'])
        >>> labels = dict(data=torch.tensor([[0, 1, 2, 2]]))
        >>> found = dict(data=torch.tensor([[0, 1, 2, 1]]))
        >>> metric.process({}, [dict(pred_sem_seg=found, gt_sem_seg=labels)])
        >>> metric.evaluate(1)['mIoU_unseen']
        50.0

    Args:
        trained: The names that were trained, or the registered name of a data set class
            that has them.
        **kwargs: Of ``IoUMetric``.
    """

    def __init__(self, trained: str | Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trained = trained

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Computes the host's metrics, and those of seen and unseen classes.

        Args:
            results: Of every picture intersections, unions and areas by class.

        Returns:
            The metrics, in percent.
        """
        metrics = super().compute_metrics(results)
        if self.format_only:
            return metrics
        intersection, union, *_ = (sum(each) for each in zip(*results, strict=True))
        ious = (100 * intersection / union).numpy()  # NaN: neither shown nor predicted
        seen = self._seen()
        for name, classes in (('seen', seen), ('unseen', ~seen)):
            if np.isfinite(ious[classes]).any():
                metrics[f'mIoU_{name}'] = round(float(np.nanmean(ious[classes])), 2)
        return metrics

    def _seen(self) -> np.ndarray:
        """Tells of each class of the data set if it was trained."""
        trained = self.trained
        if isinstance(trained, str):
            trained = resolve_class_names(trained, None)
        known = {_bare(word) for name in trained for word in split_synonyms(name)}
        return np.array(
            [
                any(_bare(word) in known for word in split_synonyms(name))
                for name in self.dataset_meta['classes']
            ]
        )


def _bare(name: str) -> str:
    return _SUFFIX.sub('', normalize_name(name))
