"""Corruptions of masks: location, shape and color (ADDP, section 3.2, Figure 4b).

The paper names the three. How strong they are stands in its appendix, which we could
not get: the defaults are ours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import inf

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from .mask_regions import (
    IGNORED,
    Box,
    check_sides,
    draw_rectangle,
    find_box,
    read_labels,
    read_mask,
    with_labels,
)
from .target_augmentation import TargetTransform


class MaskTransform(TargetTransform, ABC):
    """Base class: corrupts the mask of one object.

    An empty mask stays as it is, and so does one of which nothing would be left.
    """

    def change(
        self, sample: BaseDataElement, intensity: float, generator: torch.Generator
    ) -> BaseDataElement:
        """Changes the mask.

        Args:
            sample: With ``gt_sem_seg``, see `read_mask`.
            intensity: As in the base class.
            generator: Where random numbers come from.

        Returns:
            A data sample with the changed mask. Pixels that did not count still do not.

        Raises:
            ValueError: The target is no mask of one object.
        """
        mask = read_mask(sample, type(self).__name__)
        box = find_box(mask)
        if box is None:
            return sample
        changed = self.change_mask(mask, box, intensity, generator)
        labels = read_labels(sample, type(self).__name__)
        changed &= labels != IGNORED
        if not changed.any() or torch.equal(changed, mask):
            return sample
        return with_labels(sample, torch.where(labels == IGNORED, labels, changed))

    @abstractmethod
    def change_mask(
        self, mask: Tensor, box: Box, intensity: float, generator: torch.Generator
    ) -> Tensor:
        """Changes a mask.

        Args:
            mask: Bool, shape (H, W), not empty; stays as it is.
            box: Its bounding box.
            intensity: As for `change`.
            generator: As for `change`.

        Returns:
            The changed mask.
        """


@TASK_UTILS.register_module()
class ShiftMask(MaskTransform):
    """Moves a mask: the location is wrong.

    Example:
        >>> from diffmm.models.perceptors.mask_regions import Box
        >>> shift = TASK_UTILS.build(dict(type='ShiftMask', shift=1.0))
        >>> mask = torch.zeros(8, 8, dtype=torch.bool)
        >>> mask[3:5, 3:5] = True
        >>> moved = shift.change_mask(
        ...     mask, Box(3, 3, 2, 2), 1.0, torch.Generator().manual_seed(0))
        >>> int(moved.sum())
        4

    Args:
        shift: Largest shift at intensity 1, as a share of the sides of the mask's
            bounding box.

    Raises:
        ValueError: It is not positive.
    """

    def __init__(self, shift: float = 0.4) -> None:
        if not 0 < shift < inf:
            raise ValueError(f'shift must be positive and finite, got {shift}')
        self.shift = shift

    def change_mask(
        self, mask: Tensor, box: Box, intensity: float, generator: torch.Generator
    ) -> Tensor:
        """Moves the mask; the intensity is a factor on the shift.

        What leaves the picture is lost.
        """
        draws = torch.rand(2, generator=generator).tolist()
        down, right = (
            round((2 * draw - 1) * self.shift * intensity * side)
            for draw, side in zip(draws, box[2:], strict=True)
        )
        height, width = mask.shape
        rows = torch.arange(height, device=mask.device) - down
        columns = torch.arange(width, device=mask.device) - right
        inside = ((rows >= 0) & (rows < height))[:, None]
        inside = inside & ((columns >= 0) & (columns < width))
        moved = mask[rows.clamp(0, height - 1)][:, columns.clamp(0, width - 1)]
        return moved & inside


@TASK_UTILS.register_module()
class EraseMask(MaskTransform):
    """Erases rectangles of a mask, and adds one beside it: the shape is wrong.

    Example:
        >>> from diffmm.models.perceptors.mask_regions import Box
        >>> erase = TASK_UTILS.build(dict(type='EraseMask', patches=0))
        >>> mask = torch.ones(8, 8, dtype=torch.bool)
        >>> erased = erase.change_mask(
        ...     mask, Box(0, 0, 8, 8), 1.0, torch.Generator().manual_seed(0))
        >>> 0 < int(erased.sum()) < 64
        True

    Args:
        rectangles: Number of rectangles that may be erased. Each of them is at
            intensity 1, or with a probability of the intensity below that.
        patches: Number of false rectangles that may be added anywhere in the picture,
            with the same probability. Ours.
        sides: Smallest and largest side of a rectangle, as shares of the mask's
            bounding box.

    Raises:
        ValueError: A number is negative, or the sides are no shares.
    """

    def __init__(
        self,
        rectangles: int = 3,
        patches: int = 1,
        sides: tuple[float, float] = (0.2, 0.6),
    ) -> None:
        numbers = (rectangles, patches)
        whole = all(isinstance(each, int) and each >= 0 for each in numbers)
        if not whole or not any(numbers):
            raise ValueError(
                'rectangles and patches must be whole numbers, and not both 0, got '
                f'{rectangles!r} and {patches!r}'
            )
        check_sides(sides)
        self.rectangles = rectangles
        self.patches = patches
        self.sides = tuple(sides)

    def change_mask(
        self, mask: Tensor, box: Box, intensity: float, generator: torch.Generator
    ) -> Tensor:
        """Erases and adds rectangles; the intensity is the probability of each."""
        changed = mask.clone()
        whole = Box(0, 0, *mask.shape)
        for number in range(self.rectangles + self.patches):
            erases = number < self.rectangles
            chance = torch.rand((), generator=generator).item()
            rectangle = draw_rectangle(box, self.sides, generator)
            place = draw_rectangle(whole, (0, 0), generator)
            if chance >= intensity:
                continue
            if not erases:
                rectangle = rectangle._replace(top=place.top, left=place.left)
            changed[rectangle.region] = not erases
        return changed


@TASK_UTILS.register_module()
class ChangeMaskColor(TargetTransform):
    """Changes the color that an object is drawn in.

    The object's pixels are mixed with a random color, so white on black gets darker and
    colored.

    Example:
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> change = TASK_UTILS.build(dict(type='ChangeMaskColor'))
        >>> mask = PixelData(data=torch.ones(1, 4, 4, dtype=torch.uint8))
        >>> painted = change.paint(
        ...     torch.ones(3, 4, 4), BaseDataElement(gt_sem_seg=mask), 1.0,
        ...     torch.Generator().manual_seed(0))
        >>> bool((painted < 1).all())
        True

    Args:
        share: Largest share of the random color at intensity 1.

    Raises:
        ValueError: It is no share.
    """

    def __init__(self, share: float = 0.6) -> None:
        if not 0 < share <= 1:
            raise ValueError(f'share must lie in (0, 1], got {share}')
        self.share = share

    def paint(
        self,
        picture: Tensor,
        sample: BaseDataElement,
        intensity: float,
        generator: torch.Generator,
    ) -> Tensor:
        """Changes the color in the mask; the intensity is a factor on the share.

        Raises:
            ValueError: The target is no mask of one object.
        """
        mask = read_mask(sample, type(self).__name__)
        share, *color = torch.rand(4, generator=generator).tolist()
        share = min(share * self.share * intensity, 1)
        color = (torch.tensor(color).to(picture) * 2 - 1).view(3, 1, 1)
        mixed = (1 - share) * picture + share * color
        return torch.where(mask.to(picture.device), mixed, picture)
