"""Precision of boxes as InstructCV's released code computes it."""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

COCO_FIGURES = ('AP', 'AP50', 'AP75', 'APs', 'APm', 'APl')


@METRICS.register_module()
class InstructCVDetectionQuirks(BaseMetric):
    """AP of InstructCV's released code.

    A filter that sees the annotation comes first: of the boxes of a class, each true
    box keeps the one that overlaps it best, if its IoU exceeds 0.5; all others are
    dropped, and so no false alarm is left. COCO's evaluation of the rest, all with the
    score 1 and up to 1000 boxes a picture, gives the figures, in percent. The first
    true box of the test set is never found (see `evaluate_boxes`).

    Example:
        >>> metric = METRICS.build(dict(type='InstructCVDetectionQuirks'))
        >>> true = dict(bboxes=torch.tensor([[8.0, 8, 40, 40]]),
        ...             labels=torch.tensor([0]))
        >>> found = dict(bboxes=torch.tensor([[8.0, 8, 40, 40], [0, 0, 60, 9]]),
        ...              labels=torch.tensor([0, 0]))
        >>> for _ in range(100):
        ...     metric.process({}, [dict(gt_instances=true, pred_instances=found)])
        >>> round(metric.compute_metrics(metric.results)['AP50'], 1)
        98.0

    Args:
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'instructcv_quirks'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Filters the boxes of a batch.

        Args:
            data_batch: Unused.
            data_samples: With ``gt_instances`` and ``pred_instances``, each with
                ``bboxes`` (N, 4) in pixels of the picture and ``labels`` (N,).
        """
        for sample in data_samples:
            true, found = (
                _boxes_by_label(sample[key])
                for key in ('gt_instances', 'pred_instances')
            )
            self.results.append(
                {
                    label: (boxes, keep_matched(boxes, found.get(label, [])))
                    for label, boxes in true.items()
                }
            )

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Runs COCO's evaluation.

        Args:
            results: True and kept boxes of every picture, by class.

        Returns:
            The six precisions of COCO in percent.
        """
        stats = evaluate_boxes(results, (100, 300, 1000), first_id=0)
        return dict(zip(COCO_FIGURES, (100 * stats[:6]).tolist(), strict=True))


def keep_matched(true: Sequence, found: Sequence) -> list[list[float]]:
    """Keeps the best box of every true one, as InstructCV's filter does.

    Its areas count a pixel more on each side, its intersections do not.

    Args:
        true: Left, top, right and bottom of the true boxes.
        found: Of the predicted ones.

    Returns:
        The kept ones, a box twice if it is the best of two.
    """
    kept = []
    for box in true:
        overlaps = [_overlap(box, other) for other in found]
        if overlaps and max(overlaps) > 0.5:
            kept.append(list(found[int(np.argmax(overlaps))]))
    return kept


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    areas = ((b[2] - b[0] + 1) * (b[3] - b[1] + 1) for b in (one, other))
    sides = (
        max(0, min(one[i + 2], other[i + 2]) - max(one[i], other[i])) for i in (0, 1)
    )
    shared = float(np.prod(list(sides)))
    return shared / (sum(areas) - shared + 1e-6)


def evaluate_boxes(
    pictures: Sequence[dict], max_detections: tuple[int, int, int], first_id: int = 1
) -> np.ndarray:
    """Runs COCO's evaluation on boxes that all have the score 1.

    Args:
        pictures: Per picture and class the true boxes and the predicted ones.
        max_detections: COCO's limits; its own are 1, 10 and 100.
        first_id: Id of the first true box. InstructCV's released code: 0, which COCO's
            evaluation takes for "none", so that this box is never found.

    Returns:
        COCO's 12 figures as shares, -1 where there is nothing to measure.
    """
    truth = COCO()
    annotations, predictions = [], []
    for number, classes in enumerate(pictures):
        for label, (true, found) in classes.items():
            common = dict(image_id=number, category_id=int(label))
            annotations += [_record(box, common) for box in true]
            predictions += [dict(_record(box, common), score=1.0) for box in found]
    for number, each in enumerate(annotations, first_id):
        each.update(id=number, iscrowd=0)
    labels = sorted({each['category_id'] for each in annotations})
    truth.dataset = dict(
        info={},
        images=[dict(id=number) for number in range(len(pictures))],
        annotations=annotations,
        categories=[dict(id=label, name=str(label)) for label in labels],
    )
    if not predictions:
        return np.zeros(12)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its tables
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(predictions), 'bbox')
        evaluation.params.maxDets = list(max_detections)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def _record(box: Sequence[float], common: dict) -> dict:
    left, top, right, bottom = map(float, box)
    size = (right - left, bottom - top)
    return dict(common, bbox=[left, top, *size], area=size[0] * size[1])


def _boxes_by_label(instances: dict) -> dict[int, list[list[float]]]:
    boxes = instances['bboxes']
    boxes = getattr(boxes, 'tensor', boxes)
    found = defaultdict(list)
    for box, label in zip(boxes.tolist(), instances['labels'].tolist(), strict=True):
        found[label].append(box)
    return found
