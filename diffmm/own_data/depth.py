"""Depth maps of pictures: their size, kind and unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from .pictures import DataError, Picture

# Farthest distances that a map in meters, millimeters or 256ths may hold.
_PLAUSIBLE = (0.1, 1000.0)


@dataclass(frozen=True)
class DepthReport:
    """The contents of the depth maps of a data set.

    Attributes:
        nearest: Smallest depth in meters.
        farthest: Largest depth in meters.
        known: Share of pixels with a depth.
    """

    nearest: float
    farthest: float
    known: float


def check_depth(
    pairs: Mapping[Picture, Path], units_per_meter: float, max_depth: float | None
) -> DepthReport:
    """Reads all depth maps and compares them with their pictures.

    Args:
        pairs: The depth map of each picture.
        units_per_meter: 1000 if the files hold millimeters.
        max_depth: Largest depth that the model is to predict; None takes any.

    Returns:
        What they hold.

    Raises:
        DataError: A map is damaged, of another size than its picture, not of one
            channel with 16 bits, or at an unlikely distance; none has a depth; or all
            are behind ``max_depth``.
    """
    if units_per_meter <= 0 or (max_depth is not None and max_depth <= 0):
        raise DataError(
            '--units-per-meter and --max-depth must be positive, got '
            f'{units_per_meter:g} and {max_depth}'
        )
    nearest, farthest, known, total = np.inf, 0.0, 0, 0
    for picture, path in tqdm(pairs.items(), desc='depth maps', disable=None):
        content = np.fromfile(path, np.uint8)
        units = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
        _check_kind(units, picture, path)
        depth = units[units > 0] / units_per_meter
        total += units.size
        known += depth.size
        if not depth.size:
            continue
        if not _PLAUSIBLE[0] <= depth.max() <= _PLAUSIBLE[1]:
            raise DataError(
                f'the farthest pixel of {path} is at {depth.max():g} m '
                f'({units.max()} at {units_per_meter:g} units per meter): '
                '--units-per-meter is 1000 for millimeters, 256 for KITTI'
            )
        nearest, farthest = min(nearest, depth.min()), max(farthest, depth.max())
    if not known:
        raise DataError('no depth map has a pixel above zero, which means unknown')
    if max_depth is not None and nearest >= max_depth:
        raise DataError(
            f'all depth is behind --max-depth {max_depth:g}: the nearest is at '
            f'{nearest:g} m'
        )
    return DepthReport(float(nearest), float(farthest), known / total)


def _check_kind(units: np.ndarray | None, picture: Picture, path: Path) -> None:
    if units is None:
        raise DataError(f'{path} cannot be read as an image')
    if units.dtype != np.uint16 or units.ndim != 2:
        channels = 1 if units.ndim == 2 else units.shape[2]
        raise DataError(
            f'{path} has {channels} channel(s) of {units.dtype}; a depth map is a PNG '
            'with one channel of uint16, such as millimeters'
        )
    height, width = units.shape
    if (width, height) != (picture.width, picture.height):
        raise DataError(
            f'{path} is {width}x{height} and {picture.path} {picture.width}x'
            f'{picture.height} pixels; they must agree'
        )
