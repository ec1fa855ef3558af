# Needs mmsegmentation.
"""A segmented image: its class map, legend and overlay."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mmcv
import numpy as np
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from mmseg.visualization import SegLocalVisualizer

# Names painted into smaller images cannot be read, so these are enlarged first.
_MIN_SIDE = 384
# mmsegmentation sorts every pixel of a class in Python to place its name, which takes
# minutes on a photograph of full size.
_MAX_LABEL_PIXELS = 1 << 20


@dataclass(frozen=True)
class SegmentedImage:
    """What a segmentation model says about an image.

    Attributes:
        image: BGR image ``(H, W, 3)``, uint8.
        class_map: Class index of every pixel ``(H, W)``.
        classes: Name of every class.
        palette: RGB colour of every class.
    """

    image: np.ndarray
    class_map: np.ndarray
    classes: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]

    def shares(self) -> dict[str, float]:
        """Return the share of the pixels of each class found, largest first."""
        indices, counts = np.unique(self.class_map, return_counts=True)
        order = np.argsort(-counts, kind='stable')
        return {
            self.classes[indices[i]]: float(counts[i] / self.class_map.size)
            for i in order
        }

    def overlay(self, opacity: float = 0.5) -> np.ndarray:
        """Return the image with its classes painted over it.

        Args:
            opacity: Weight of the class colours, in (0, 1].

        Returns:
            RGB image ``(zH, zW, 3)``, uint8, with the class names painted in unless it
            is very large. z is 1, or the whole number that brings a small image's
            shorter side to 384 pixels or more.

        Raises:
            ValueError: If the opacity is outside its range.
        """
        if not 0 < opacity <= 1:
            raise ValueError(f'opacity must be in (0, 1], got {opacity}')
        visualizer = SegLocalVisualizer(alpha=opacity)
        visualizer.dataset_meta = {
            'classes': list(self.classes),
            'palette': [list(color) for color in self.palette],
        }
        height, width = self.class_map.shape
        zoom = max(1, -(-_MIN_SIDE // min(height, width)))
        image = mmcv.imrescale(self.image, zoom, interpolation='bicubic')
        class_map = self.class_map.repeat(zoom, axis=0).repeat(zoom, axis=1)
        prediction = PixelData(data=torch.from_numpy(class_map)[None])
        visualizer.add_datasample(
            'segmentation',
            mmcv.bgr2rgb(image),
            SegDataSample(pred_sem_seg=prediction),
            draw_gt=False,
            with_labels=class_map.size <= _MAX_LABEL_PIXELS,
        )
        return visualizer.get_image()

    def save_overlay(self, path: str | Path, opacity: float = 0.5) -> None:
        """Write the overlay to an image file, making its folder.

        Args:
            path: The file, ending in .png, .jpg or .jpeg.
            opacity: Weight of the class colours, in (0, 1].

        Raises:
            ValueError: If the ending is another one.
        """
        if Path(path).suffix.lower() not in ('.png', '.jpg', '.jpeg'):
            raise ValueError(
                f'cannot write an overlay to {path}: its name must end in .png, .jpg '
                'or .jpeg'
            )
        mmcv.imwrite(mmcv.rgb2bgr(self.overlay(opacity)), str(path))
