"""Pictures that users of the page upload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from diffmm.apis.image_input import read_image

MB = 1 << 20
# Others have no need to be here, and some run programs when they are read (EPS).
FORMATS = ('JPEG', 'PNG', 'WEBP', 'BMP', 'TIFF')


@dataclass(frozen=True)
class PictureLimits:
    """Limits of pictures, so that no upload fills the memory or runs for minutes.

    Attributes:
        max_bytes: Largest file.
        max_pixels: Most pixels of a file, before it is read.
        min_side: Shortest side in pixels, also of what is left of a long picture when
            it is made smaller.
        max_side: Longer pictures are made smaller to this side.
    """

    max_bytes: int = 20 * MB
    max_pixels: int = 40_000_000
    min_side: int = 64
    max_side: int = 768


def read_upload(
    path: str | Path, folder: str | Path, limits: PictureLimits
) -> np.ndarray:
    """Reads an uploaded picture.

    Args:
        path: Its file.
        folder: Where uploads lie. Nothing outside of it is read.
        limits: What is taken.

    Returns:
        BGR picture (H, W, 3), uint8, at most ``limits.max_side`` wide and high.

    Raises:
        ValueError: The file lies elsewhere, is damaged, too large, too small or too
            long, or is no picture. The message is meant for the user: it names the
            file, not where it lies.
    """
    path, folder = Path(path).resolve(), Path(folder).resolve()
    name = path.name
    if not path.is_relative_to(folder) or not path.is_file():
        raise ValueError(f'{name} was not uploaded here: upload it again')
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise ValueError(
            f'{name} has {size / MB:.0f} MB, more than the {limits.max_bytes / MB:.0f} '
            'MB that this page takes: make it smaller'
        )
    width, height = _read_size(path, limits)
    if width * height > limits.max_pixels:
        has = f'{width}x{height} pixels,'
        raise ValueError(_too_many_pixels(name, has, limits))
    scale = min(1.0, limits.max_side / max(width, height))
    if min(width, height) * scale < limits.min_side:
        shrunk = ' when it is made smaller' if scale < 1 else ''
        raise ValueError(
            f'{name} has {width}x{height} pixels: its shorter side needs '
            f'{limits.min_side}{shrunk}; cut out the part that matters'
        )
    try:
        pixels = read_image(path)
    except ValueError as error:
        raise ValueError(str(error).replace(str(path), name)) from error
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return pixels


def _read_size(path: Path, limits: PictureLimits) -> tuple[int, int]:
    """Reads width and height from the head of a file."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.size
    except Image.DecompressionBombError as error:
        raise ValueError(_too_many_pixels(path.name, 'far', limits)) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f'{path.name} is no picture that can be read: give a JPEG or PNG file'
        ) from error


def _too_many_pixels(name: str, has: str, limits: PictureLimits) -> str:
    return (
        f'{name} has {has} more pixels than the {limits.max_pixels / 1e6:g} million '
        'that this page takes: make it smaller'
    )
