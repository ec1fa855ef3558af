"""Depth estimation on plain pictures with a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mmengine.structures import BaseDataElement

from diffmm.utils.nested import walk
from diffmm.utils.picture_file import write_picture
from diffmm.visualization.predictions import color_depth

from .image_predictor import ImagePredictor

_LARGEST_UNIT = 65535


@dataclass(frozen=True)
class DepthImage:
    """A picture with its depth.

    Attributes:
        image: BGR image ``(H, W, 3)``, uint8.
        depth: Depth in meters ``(H, W)``, float32.
    """

    image: np.ndarray
    depth: np.ndarray

    def colored(self, value_range: tuple[float, float] | None = None) -> np.ndarray:
        """Colors the depth: near things are bright, far things are dark.

        Args:
            value_range: Meters of the first and the last color; None takes the
                smallest and the largest of this image.

        Returns:
            RGB image ``(H, W, 3)``, uint8.
        """
        low, high = value_range or (float(self.depth.min()), float(self.depth.max()))
        span = high - low if high > low else 1.0
        return color_depth((self.depth - low) / span)

    def save_colored(self, path: str | Path) -> None:
        """Writes the colored depth to an image file, making its folder.

        Raises:
            ValueError: If OpenCV cannot write that kind of file.
        """
        write_picture(path, self.colored()[..., ::-1])

    def save_png16(self, path: str | Path, units_per_meter: float = 1000.0) -> None:
        """Writes the depth as a PNG of one 16-bit channel, as data sets store it.

        Args:
            path: The file, ending in .png.
            units_per_meter: 1000 (millimeters, as NYUv2) or 256 (KITTI).

        Raises:
            ValueError: If the name ends otherwise, or the depth does not fit 16 bits.
        """
        check_png16(path, units_per_meter, float(self.depth.max()))
        write_picture(path, np.rint(self.depth * units_per_meter).astype(np.uint16))


class DepthPredictor(ImagePredictor):
    """A trained depth estimator for pictures without annotations.

    Its arguments are those of `ImagePredictor`; calling it returns a `DepthImage` for
    every picture. A model that is prompted with the scene (VPD) needs the ``text``
    ``'kitchen'``, for instance.

    Attributes:
        units_per_meter: Units of the data set's depth files per meter, from the config:
            1000 for NYUv2, 256 for KITTI. 1000 where the config does not say.
        max_depth: Meters that the model predicts at most; None if its head has no
            bound.
    """

    @property
    def units_per_meter(self) -> float:
        """Units of the data set's depth files per meter."""
        return depth_units(self.cfg)

    @property
    def max_depth(self) -> float | None:
        """Meters that the model predicts at most."""
        return getattr(self.model.decode_head, 'max_depth', None)

    def to_result(self, pixels: np.ndarray, prediction: BaseDataElement) -> DepthImage:
        """Takes the depth out of a prediction.

        Args:
            pixels: BGR picture ``(H, W, 3)``, uint8.
            prediction: The host's prediction for it.

        Returns:
            The picture with its depth, both of the picture's own size.
        """
        return DepthImage(pixels, prediction.pred_depth_map.data[0].cpu().numpy())


def depth_units(cfg: Mapping) -> float:
    """Finds the units per meter of the depth files that a config is tested on.

    Args:
        cfg: The config.

    Returns:
        1000 for NYUv2, 256 for KITTI; 1000 where the config does not say.
    """
    steps = walk(cfg.get('test_dataloader') or cfg.get('test_pipeline'))
    steps = [step for step in steps if isinstance(step, Mapping)]
    factors = [step.get('depth_rescale_factor') for step in steps]
    return next((1 / factor for factor in factors if factor), 1000.0)


def check_png16(path: str | Path, units_per_meter: float, max_depth: float) -> None:
    """Checks that a depth fits a PNG of 16 bits, before it is written or predicted.

    Args:
        path: The file.
        units_per_meter: Units per meter in it.
        max_depth: The largest depth in meters.

    Raises:
        ValueError: If it does not, or the name does not end in .png.
    """
    if Path(path).suffix.lower() != '.png':
        raise ValueError(f'cannot write 16 bits to {path}: name it .png')
    if not units_per_meter > 0:
        raise ValueError(f'units_per_meter must be positive, got {units_per_meter:g}')
    units = round(max_depth * units_per_meter)
    if units > _LARGEST_UNIT:
        raise ValueError(
            f'{max_depth:.1f} m are {units} units, more than 16 bits hold; lower '
            f'units_per_meter={units_per_meter:g} (KITTI has 256; in the demo: '
            '--units-per-meter)'
        )
