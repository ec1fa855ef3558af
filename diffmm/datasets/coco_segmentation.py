"""Masks of COCO: polygons and run lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

Segmentation = Mapping[str, Any] | Sequence[Sequence[float]]

_MIN_NUMBERS = 6


def encode_parts(segmentation: Segmentation, height: int, width: int) -> list[dict]:
    """Encodes the parts of an object as compressed run lengths.

    Args:
        segmentation: Polygons ``[[x, y, x, y, ...], ...]`` in pixels, or run lengths
            ``{'size': [height, width], 'counts': ...}``, compressed or not.
        height: Height of the picture.
        width: Its width.

    Returns:
        One entry per polygon, or one entry for run lengths.

    Raises:
        ValueError: There is no polygon, a polygon has fewer than three points or an odd
            count of numbers, or the run lengths have another size.
    """
    if isinstance(segmentation, Mapping):
        size = list(segmentation.get('size', ()))
        if size != [height, width] or 'counts' not in segmentation:
            raise ValueError(
                f'run lengths of size {size} do not fit a picture of '
                f'{height}x{width} (height x width)'
            )
        # Compressed counts are text or bytes.
        if isinstance(segmentation['counts'], Sequence) and not isinstance(
            segmentation['counts'], (str, bytes)
        ):
            return [coco_mask.frPyObjects(dict(segmentation), height, width)]
        return [dict(segmentation)]
    polygons = [list(polygon) for polygon in segmentation]
    # pycocotools takes four numbers for a box, and drops the last of an odd count.
    wrong = [len(p) for p in polygons if len(p) < _MIN_NUMBERS or len(p) % 2]
    if not polygons or wrong:
        raise ValueError(
            f'an object needs polygons of x, y, three points or more each; got '
            f'{len(polygons)} polygons, of which {len(wrong)} have {wrong[:5]} numbers'
        )
    return coco_mask.frPyObjects(polygons, height, width)


def decode_union(segmentation: Segmentation, height: int, width: int) -> np.ndarray:
    """Draws the union of the parts of an object.

    VPD's released code adds the polygons up and keeps the pixels that are exactly 1:
    pixels in two polygons of one object become background there.

    Args:
        segmentation: As `encode_parts` takes it.
        height: Height of the picture.
        width: Its width.

    Returns:
        Shape (height, width) uint8: 1 inside of any part, 0 elsewhere.

    Raises:
        ValueError: As `encode_parts`.
    """
    parts = encode_parts(segmentation, height, width)
    return np.ascontiguousarray(coco_mask.decode(coco_mask.merge(parts)))
