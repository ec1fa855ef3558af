"""An image with its depth, and the pictures of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np

_LARGEST_UNIT = 65535


@dataclass(frozen=True)
class DepthImage:
    """What a depth estimator says about an image.

    Attributes:
        image: BGR image ``(H, W, 3)``, uint8.
        depth: Depth in metres ``(H, W)``, float32.
    """

    image: np.ndarray
    depth: np.ndarray

    def colored(self, value_range: tuple[float, float] | None = None) -> np.ndarray:
        """Colour the depth, near things bright and far things dark.

        Args:
            value_range: Metres of the first and the last colour; None takes the
                smallest and the largest of this image.

        Returns:
            RGB image ``(H, W, 3)``, uint8.
        """
        low, high = value_range or (float(self.depth.min()), float(self.depth.max()))
        span = high - low if high > low else 1.0
        unit = np.clip((self.depth - low) / span, 0, 1)
        return matplotlib.colormaps['magma_r'](unit, bytes=True)[..., :3]

    def save_colored(self, path: str | Path) -> None:
        """Write the coloured depth to an image file, making its folder.

        Raises:
            ValueError: If OpenCV cannot write that kind of file.
        """
        _write(path, np.ascontiguousarray(self.colored()[..., ::-1]))

    def save_png16(self, path: str | Path, units_per_metre: float = 1000.0) -> None:
        """Write the depth as a PNG of one 16-bit channel, as the data sets have it.

        Args:
            path: The file, ending in .png.
            units_per_metre: 1000 (millimetres, as NYUv2) or 256 (KITTI).

        Raises:
            ValueError: If the name ends otherwise, or the depth does not fit 16 bits.
        """
        if Path(path).suffix.lower() != '.png':
            raise ValueError(f'cannot write 16 bits to {path}: name it .png')
        units = np.rint(self.depth * units_per_metre)
        if units.max() > _LARGEST_UNIT:
            raise ValueError(
                f'{self.depth.max():.1f} m are {units.max():.0f} units, more than 16 '
                f'bits hold; lower units_per_metre={units_per_metre:g}'
            )
        _write(path, units.astype(np.uint16))


def _write(path: str | Path, pixels: np.ndarray) -> None:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.haveImageWriter(str(path)) or not cv2.imwrite(str(path), pixels):
        raise ValueError(
            f'cannot write {path}: name it .png or .jpg, in a folder you may write to'
        )
