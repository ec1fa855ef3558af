"""InstructCV's figures as its released code computes them, with its mistakes.

They are here to be put beside InstructCV's and ADDP's published ones (Table 4), and
nothing else: no figure of another method may stand beside them. The standard metrics of
the hosts measure the same predictions rightly.
"""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

_LEVELS = 255
COCO_FIGURES = ('AP', 'AP50', 'AP75', 'APs', 'APm', 'APl')


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
