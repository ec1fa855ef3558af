"""Pictures into files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def write_picture(path: str | Path, pixels: np.ndarray) -> None:
    """Writes pixels to a file, making its folder.

    Args:
        path: The file.
        pixels: BGR, or one channel of 8 or 16 bits.

    Raises:
        ValueError: If OpenCV cannot write that kind of file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.ascontiguousarray(pixels)
    if not cv2.haveImageWriter(str(path)) or not cv2.imwrite(str(path), pixels):
        raise ValueError(
            f'cannot write {path}: name it .png or .jpg, in a folder you may write to'
        )
