"""Pictures into files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def check_picture(path: str | Path) -> None:
    """Refuses a file that no picture can be written to, before one is made.

    Args:
        path: The file; its folder is made.

    Raises:
        ValueError: If OpenCV does not know the ending.
        OSError: The folder cannot be made.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.haveImageWriter(str(path)):
        _refuse(path)


def write_picture(path: str | Path, pixels: np.ndarray) -> None:
    """Writes pixels to a file, making its folder.

    Args:
        path: The file.
        pixels: BGR, or one channel of 8 or 16 bits.

    Raises:
        ValueError: If OpenCV cannot write that kind of file.
    """
    check_picture(path)
    if not cv2.imwrite(str(path), np.ascontiguousarray(pixels)):
        _refuse(path)


def _refuse(path: str | Path) -> None:
    raise ValueError(
        f'cannot write {path}: name it .png or .jpg, in a folder you may write to'
    )
