"""Overlaps of masks as InstructCV's released code computes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS
from PIL import Image

_LEVELS = 255


@METRICS.register_module()
class InstructCVSegmentationQuirks(BaseMetric):
    """mIoU of InstructCV's released code.

    Every question has an IoU, a picture the mean over its questions, and the mean over
    pictures is the figure: small classes count as much as large ones, and one that is
    seldom asked for counts little. Only classes that the annotation shows are asked for
    (``NameTask(present=True)``). A pixel belongs to a mask above 10 of 255, in the size
    of the network's input, to which the annotation is resized bilinearly, and belongs
    to it above 0.

    Figure: ``mIoU`` in percent.

    Example:
        >>> metric = METRICS.build(dict(type='InstructCVSegmentationQuirks'))
        >>> sample = dict(gt_sem_seg=dict(data=torch.tensor([[[3, 3], [0, 0]]])),
        ...               query_labels=(3,),
        ...               query_maps=torch.tensor([[[0.9, 0.1], [0.0, 0.0]]]))
        >>> metric.process({}, [sample])
        >>> metric.compute_metrics(metric.results)
        {'mIoU': 100.0}

    Args:
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'instructcv_quirks'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Measures a batch.

        Args:
            data_batch: Unused.
            data_samples: With ``gt_sem_seg``, whose ``data`` has the shape (1, H, W),
                ``query_maps`` in [0, 1], shape (Q, h, w), and their ``query_labels``.

        Raises:
            ValueError: A data sample has no maps.
        """
        for sample in data_samples:
            if 'query_maps' not in sample:
                raise ValueError(
                    f'{sample.get("img_path", "a picture")} has no query_maps: set '
                    "keep_answers=True of the model's SegmentationQueries"
                )
            labels = sample['gt_sem_seg']['data'].squeeze(0).cpu().numpy()
            maps = (sample['query_maps'] * _LEVELS).round().byte().cpu().numpy()
            self.results.append(
                [
                    quirky_iou(gray, labels == label)
                    for gray, label in zip(maps, sample['query_labels'], strict=True)
                ]
            )

    def compute_metrics(self, results: list[list[float]]) -> dict[str, float]:
        """Averages over the questions of a picture, and over pictures.

        Args:
            results: IoUs of the questions of every picture.
        """
        means = [np.mean(ious) for ious in results if ious]
        return dict(mIoU=float(100 * np.mean(means)))


def quirky_iou(gray: np.ndarray, mask: np.ndarray) -> float:
    """Compares a predicted map with a mask as InstructCV does.

    Args:
        gray: Shape (h, w), uint8.
        mask: Bool, shape (H, W).

    Returns:
        The IoU, 1 where both are empty.
    """
    pixels = Image.fromarray(mask.astype(np.uint8) * _LEVELS)
    # RGB, as the released files: Pillow rounds each channel alike.
    target = np.asarray(pixels.resize(gray.shape[::-1], Image.Resampling.BILINEAR)) > 0
    pred = gray > 10
    shared, either = (pred & target).sum(), (pred | target).sum()
    return float((shared * _LEVELS + 1e-6) / (either * _LEVELS + 1e-6))
