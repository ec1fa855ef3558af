"""Masks and class maps of data samples, and rectangles in them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from .target_codec import picture_name

IGNORED = 255


class Box(NamedTuple):
    """First row and column of a region, and its height and width."""

    top: int
    left: int
    height: int
    width: int

    @property
    def region(self) -> tuple[slice, slice]:
        """Index of the region."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


def read_mask(sample: BaseDataElement, reader: str) -> Tensor:
    """Takes the mask out of a data sample.

    Args:
        sample: The data sample; ``gt_sem_seg`` has 1 for the object, 0 for the rest and
            255 for pixels that do not count, shape (1, H, W).
        reader: Name of the class that asks, for messages.

    Returns:
        Where the object is, bool, shape (H, W).

    Raises:
        ValueError: There is no mask, or it has classes.
    """
    labels = read_labels(sample, reader)
    others = set(labels.unique().tolist()) - {0, 1, IGNORED}
    if others:
        raise ValueError(
            f'{reader} corrupts the mask of one object (1, and 0 for '
            f'the rest); gt_sem_seg of {picture_name(sample)} has the classes '
            f'{sorted(others)[:5]}, too: take RelabelRegions for class masks'
        )
    return labels == 1


def read_labels(sample: BaseDataElement, reader: str) -> Tensor:
    """Takes the class map out of a data sample.

    Args:
        sample: The data sample.
        reader: Name of the class that asks, for messages.

    Returns:
        Classes, shape (H, W).

    Raises:
        ValueError: There is none.
    """
    if 'gt_sem_seg' not in sample:
        raise ValueError(
            f'{reader} corrupts masks, but {picture_name(sample)} has no '
            f'gt_sem_seg, only {sorted(sample.keys())}: take BlurTarget for depth and '
            'JitterBoxes for boxes'
        )
    return sample.gt_sem_seg.data[0]


def with_labels(sample: BaseDataElement, labels: Tensor) -> BaseDataElement:
    """Copies a data sample with another class map.

    Args:
        sample: The data sample; stays as it is.
        labels: Classes, shape (H, W).

    Returns:
        The copy; it shares all other data.
    """
    copy = sample.new()
    copy.set_data(dict(gt_sem_seg=PixelData(data=labels[None])))
    return copy


def find_box(mask: Tensor) -> Box | None:
    """Finds the bounding box of a mask.

    Args:
        mask: Bool, shape (H, W).

    Returns:
        The box, None for an empty mask.
    """
    if not mask.any():
        return None
    rows, columns = (mask.any(dim=dim).nonzero() for dim in (1, 0))
    (top, bottom), (left, right) = (
        (int(each.min()), int(each.max()) + 1) for each in (rows, columns)
    )
    return Box(top, left, bottom - top, right - left)


def draw_rectangle(
    within: Box, sides: tuple[float, float], generator: torch.Generator
) -> Box:
    """Draws a rectangle in a box.

    Args:
        within: The box.
        sides: Smallest and largest side, as shares of those of the box.
        generator: Where random numbers come from.

    Returns:
        The rectangle, at least one pixel large.
    """
    draws = torch.rand(4, generator=generator).tolist()
    low, high = sides
    size = [
        max(1, round((low + (high - low) * draw) * side))
        for draw, side in zip(draws[:2], within[2:], strict=True)
    ]
    start = [
        first + int(draw * (side - own + 1))
        for first, draw, side, own in zip(
            within[:2], draws[2:], within[2:], size, strict=True
        )
    ]
    return Box(*start, *size)


def check_sides(sides: tuple[float, float]) -> None:
    """Refuses sides of rectangles that are no shares.

    Args:
        sides: Smallest and largest.

    Raises:
        ValueError: They do not rise within (0, 1].
    """
    pair = isinstance(sides, list | tuple) and len(sides) == 2
    if not pair or not 0 < sides[0] <= sides[1] <= 1:
        raise ValueError(f'sides must be two that rise within (0, 1], got {sides!r}')
