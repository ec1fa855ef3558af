"""Reading an image file for inference."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def read_image(path: str | Path) -> np.ndarray:
    """Read an image as the training pipelines read it, but refuse damaged files.

    OpenCV fills the missing part of a truncated JPEG with grey without a word, so the
    file is first decoded by Pillow, which is strict.

    Args:
        path: A file of any format that OpenCV and Pillow read. Grey images become
            three equal channels, transparency is dropped, the EXIF orientation is
            applied.

    Returns:
        BGR image ``(H, W, 3)``, uint8.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not an intact image.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'no image at {path}')
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(
            f'{path} is not an intact image ({error}): give a JPEG or PNG file'
        ) from error
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f'OpenCV cannot decode {path}: convert it to JPEG or PNG')
    return pixels
