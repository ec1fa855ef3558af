"""COCO's two ways to write a mask, polygons and run lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

Segmentation = Mapping[str, Any] | Sequence[Sequence[float]]

_MIN_NUMBERS = 6


def require_pycocotools() -> ModuleType:
    """Imports pycocotools' mask functions.

    Returns:
        The module ``pycocotools.mask``.

    Raises:
        ImportError: It is not installed.
    """
    try:
        from pycocotools import mask
    except ImportError as error:
        raise ImportError(
            'masks of COCO need pycocotools: pip install pycocotools'
        ) from error
    return mask


def encode_parts(segmentation: Segmentation, height: int, width: int) -> list[dict]:
    """Turns the parts of an object into compressed run lengths.

    Args:
        segmentation: Polygons ``[[x, y, x, y, ...], ...]`` in pixels, or run lengths
            ``{'size': [height, width], 'counts': ...}``, compressed or not.
        height: Height of the picture.
        width: Its width.

    Returns:
        One entry for each polygon, or one for run lengths.

    Raises:
        ValueError: There is no polygon, one has fewer than three points or half a
            point, or run lengths are of another picture's size.
    """
    mask = require_pycocotools()
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
            return [mask.frPyObjects(dict(segmentation), height, width)]
        return [dict(segmentation)]
    polygons = [list(polygon) for polygon in segmentation]
    # pycocotools takes four numbers for a box, and drops half a point.
    wrong = [len(p) for p in polygons if len(p) < _MIN_NUMBERS or len(p) % 2]
    if not polygons or wrong:
        raise ValueError(
            f'an object needs polygons of x, y, three points or more each; got '
            f'{len(polygons)} polygons, of which {len(wrong)} have {wrong[:5]} numbers'
        )
    return mask.frPyObjects(polygons, height, width)


def decode_union(segmentation: Segmentation, height: int, width: int) -> np.ndarray:
    """Draws the union of the parts of an object.

    VPD's released code adds the polygons up and keeps the pixels that are exactly 1,
    so that what two polygons of one object share becomes background.

    Args:
        segmentation: As `encode_parts` takes it.
        height: Height of the picture.
        width: Its width.

    Returns:
        Shape (height, width) uint8, 1 inside of any part and 0 elsewhere.

    Raises:
        ValueError: As `encode_parts`.
    """
    mask = require_pycocotools()
    parts = encode_parts(segmentation, height, width)
    return np.ascontiguousarray(mask.decode(mask.merge(parts)))
