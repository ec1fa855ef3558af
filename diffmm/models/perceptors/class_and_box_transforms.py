"""Corruptions of class masks and boxes, for generalist perceptors.

ADDP trains one (section 4.2.3), but says nothing of how it corrupts these targets. All
of this is ours.
"""

from __future__ import annotations

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from .mask_regions import (
    IGNORED,
    Box,
    check_sides,
    draw_rectangle,
    read_labels,
    with_labels,
)
from .target_augmentation import TargetTransform
from .target_codec import picture_name


@TASK_UTILS.register_module()
class RelabelRegions(TargetTransform):
    """Gives rectangles of a class map another class that the picture shows (ours).

    Example:
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> relabel = TASK_UTILS.build(dict(type='RelabelRegions'))
        >>> labels = torch.arange(4)[None, :, None].expand(1, 4, 8) * 7
        >>> sample = BaseDataElement(gt_sem_seg=PixelData(data=labels))
        >>> changed = relabel.change(sample, 1.0, torch.Generator().manual_seed(0))
        >>> set(changed.gt_sem_seg.data.unique().tolist()) <= {0, 7, 14, 21}
        True

    Args:
        rectangles: Number of rectangles. Each of them is relabeled at intensity 1, or
            with a probability of the intensity below that.
        sides: Smallest and largest side, as shares of those of the picture.

    Raises:
        ValueError: There is no rectangle, or the sides are no shares.
    """

    def __init__(
        self, rectangles: int = 3, sides: tuple[float, float] = (0.1, 0.4)
    ) -> None:
        if not isinstance(rectangles, int) or rectangles < 1:
            raise ValueError(
                f'rectangles must be a whole number from 1 on, got {rectangles!r}'
            )
        check_sides(sides)
        self.rectangles = rectangles
        self.sides = tuple(sides)

    def change(
        self, sample: BaseDataElement, intensity: float, generator: torch.Generator
    ) -> BaseDataElement:
        """Relabels rectangles.

        Args:
            sample: With ``gt_sem_seg``, classes and 255 for pixels that do not count.
            intensity: Probability of each rectangle.
            generator: Where random numbers come from.

        Returns:
            A data sample with the changed class map.

        Raises:
            ValueError: The target is no class map.
        """
        labels = read_labels(sample, type(self).__name__)
        present = labels[labels != IGNORED].unique()
        if len(present) < 2:
            return sample
        changed = labels.clone()
        for _ in range(self.rectangles):
            chance, pick = torch.rand(2, generator=generator).tolist()
            whole = Box(0, 0, *labels.shape)
            rectangle = draw_rectangle(whole, self.sides, generator)
            if chance < intensity:
                changed[rectangle.region] = present[int(pick * len(present))]
        changed = torch.where(labels == IGNORED, labels, changed)
        return sample if torch.equal(changed, labels) else with_labels(sample, changed)


@TASK_UTILS.register_module()
class JitterBoxes(TargetTransform):
    """Moves, resizes and drops boxes (ours).

    Example:
        >>> from mmengine.structures import BaseDataElement, InstanceData
        >>> jitter = TASK_UTILS.build(dict(type='JitterBoxes'))
        >>> boxes = InstanceData(bboxes=torch.tensor([[4.0, 4.0, 12.0, 20.0]]))
        >>> sample = BaseDataElement(
        ...     gt_instances=boxes, metainfo=dict(img_shape=(32, 32)))
        >>> changed = jitter.change(sample, 1.0, torch.Generator().manual_seed(0))
        >>> changed.gt_instances.bboxes.shape
        torch.Size([1, 4])

    Args:
        shift: Largest shift of each edge at intensity 1, as a share of the box's side.
        drop: Probability of a box to be left out at intensity 1; one stays.

    Raises:
        ValueError: The shift is no share below one half, where a box would turn inside
            out, or the probability is none.
    """

    def __init__(self, shift: float = 0.3, drop: float = 0.2) -> None:
        if not 0 < shift < 0.5:
            raise ValueError(f'shift must lie in (0, 0.5), got {shift}')
        if not 0 <= drop <= 1:
            raise ValueError(f'drop must lie in [0, 1], got {drop}')
        self.shift = shift
        self.drop = drop

    def change(
        self, sample: BaseDataElement, intensity: float, generator: torch.Generator
    ) -> BaseDataElement:
        """Jitters the boxes.

        Args:
            sample: With ``gt_instances.bboxes``, corners (N, 4) as a tensor or as boxes
                of mmdetection, and ``img_shape`` in its metainfo.
            intensity: Factor on shifts, which stay below half of a side, and on the
                probability.
            generator: Where random numbers come from.

        Returns:
            A data sample with the changed boxes.

        Raises:
            ValueError: The target has no boxes.
        """
        boxes = self._read(sample)
        if not len(boxes):
            return sample
        draws = torch.rand(len(boxes), 5, generator=generator).to(boxes)
        # 1. Every edge moves by a share of the side. (N, 4)
        sides = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
        limit = min(self.shift * intensity, 0.49)
        moved = boxes + (2 * draws[:, :4] - 1) * limit * sides
        height, width = sample.metainfo['img_shape'][:2]
        moved[:, 0::2] = moved[:, 0::2].clamp(0, width)
        moved[:, 1::2] = moved[:, 1::2].clamp(0, height)
        # 2. Some are left out. (N,)
        kept = draws[:, 4] >= self.drop * intensity
        if not kept.any():
            kept[draws[:, 4].argmax()] = True
        if kept.all() and torch.equal(moved, boxes):
            return sample
        copy = sample.new()
        instances = sample.gt_instances[kept]
        kind = type(sample.gt_instances.bboxes)
        moved = moved[kept]
        instances.bboxes = moved if kind is Tensor else kind(moved)
        copy.set_data(dict(gt_instances=instances))
        return copy

    def _read(self, sample: BaseDataElement) -> Tensor:
        if 'gt_instances' not in sample or 'bboxes' not in sample.gt_instances:
            raise ValueError(
                f'JitterBoxes corrupts boxes, but {picture_name(sample)} has no '
                f'gt_instances.bboxes, only {sorted(sample.keys())}: take ShiftMask '
                'for masks and BlurTarget for depth'
            )
        boxes = sample.gt_instances.bboxes
        return getattr(boxes, 'tensor', boxes)
