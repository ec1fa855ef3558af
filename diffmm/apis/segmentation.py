# Needs mmsegmentation.
"""Segmentation of plain pictures with a trained model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
import torch
from mmengine.config import Config
from mmengine.structures import BaseDataElement, PixelData
from mmseg.registry import DATASETS
from mmseg.structures import SegDataSample
from mmseg.visualization import SegLocalVisualizer

from .image_predictor import ImagePredictor
from .inference_config import find_test_dataset

# Names painted into smaller images cannot be read, so these are enlarged first.
_MIN_SIDE = 384
# mmsegmentation sorts every pixel of a class in Python to place its name, which takes
# minutes on a photograph of full size.
_MAX_LABEL_PIXELS = 1 << 20


@dataclass(frozen=True)
class SegmentedImage:
    """A segmented picture.

    Attributes:
        image: BGR image ``(H, W, 3)``, uint8.
        class_map: Class index of every pixel ``(H, W)``.
        classes: Name of every class.
        palette: RGB color of every class.
    """

    image: np.ndarray
    class_map: np.ndarray
    classes: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]

    @property
    def painted_names(self) -> tuple[str, ...]:
        """The names of the classes in the overlay, or their numbers.

        OpenCV paints ASCII only, and question marks for everything else.
        """
        return tuple(
            name if name.isascii() else str(index)
            for index, name in enumerate(self.classes)
        )

    def shares(self) -> dict[str, float]:
        """Returns the share of the pixels of each class found, largest first."""
        indices, counts = np.unique(self.class_map, return_counts=True)
        order = np.argsort(-counts, kind='stable')
        return {
            self.classes[indices[i]]: float(counts[i] / self.class_map.size)
            for i in order
        }

    def overlay(self, opacity: float = 0.5) -> np.ndarray:
        """Returns the image with its classes painted over it.

        Args:
            opacity: Weight of the class colors, in (0, 1].

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
            'classes': list(self.painted_names),
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
        """Writes the overlay to an image file, making its folder.

        Args:
            path: The file, ending in .png, .jpg or .jpeg.
            opacity: Weight of the class colors, in (0, 1].

        Raises:
            ValueError: If the ending is another one.
        """
        if Path(path).suffix.lower() not in ('.png', '.jpg', '.jpeg'):
            raise ValueError(
                f'cannot write an overlay to {path}: its name must end in .png, .jpg '
                'or .jpeg'
            )
        mmcv.imwrite(mmcv.rgb2bgr(self.overlay(opacity)), str(path))


class ImageSegmenter(ImagePredictor):
    """A trained segmentation model for pictures without annotations.

    Its arguments are those of `ImagePredictor`; calling it returns a `SegmentedImage`
    for every picture. A model of referring segmentation needs the ``text``, for
    instance ``'the red ball left of the tree'``.

    Raises:
        FileNotFoundError: If config or checkpoint do not exist.
        ValueError: If the checkpoint cannot be read, does not fit the config, or the
            classes are known to neither.
    """

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(config, checkpoint, device, cfg_options)
        meta = _find_dataset_meta(self.checkpoint_meta, self.cfg, checkpoint)
        self.classes = tuple(meta['classes'])
        self.palette = _complete_palette(meta, len(self.classes))

    def set_classes(self, classes: Sequence[str]) -> None:
        """Takes other classes, if the model compares pixels with texts.

        Args:
            classes: Their names, two or more.

        Raises:
            ValueError: The model knows its own classes only, or the names are fewer
                than two, repeat, or are the same to the text encoder.
        """
        if not hasattr(self.model, 'set_classes'):
            raise ValueError(
                f'the model of {self.cfg.filename} knows its own {len(self.classes)} '
                'classes only; an OpenVocabularySegmentor takes any'
            )
        self.model.set_classes(classes)
        self.classes = tuple(classes)
        self.palette = _complete_palette({}, len(self.classes))

    def to_result(
        self, pixels: np.ndarray, prediction: BaseDataElement
    ) -> SegmentedImage:
        """Takes the class map out of a prediction.

        Args:
            pixels: BGR picture ``(H, W, 3)``, uint8.
            prediction: The host's prediction for it.

        Returns:
            The picture with its class map, both of the picture's own size.
        """
        class_map = prediction.pred_sem_seg.data[0].cpu().numpy()
        return SegmentedImage(pixels, class_map, self.classes, self.palette)


def _find_dataset_meta(
    meta: dict[str, Any], settings: Config, checkpoint: str | Path
) -> dict[str, Any]:
    """Returns classes and palette: the checkpoint's, otherwise the config's."""
    recorded = meta.get('dataset_meta') or {}
    if recorded.get('classes'):
        return dict(recorded)
    dataset = find_test_dataset(settings)
    warnings.warn(
        f'{checkpoint} does not record its classes; taking those of {dataset.type} '
        'from the config',
        stacklevel=3,
    )
    # Lazily built, a data set knows its classes without any file being there.
    built = DATASETS.build({**dataset, 'lazy_init': True, 'test_mode': False})
    if not built.metainfo.get('classes'):
        raise ValueError(
            f'no classes known: neither {checkpoint} nor {dataset.type} in the config '
            'names them; set metainfo=dict(classes=[...]) in test_dataloader.dataset'
        )
    return dict(built.metainfo)


def _complete_palette(
    dataset_meta: dict[str, Any], num_classes: int
) -> tuple[tuple[int, int, int], ...]:
    """Returns a color per class; drawn at random, but always the same, if none."""
    palette: Sequence | None = dataset_meta.get('palette')
    if not palette:
        palette = np.random.default_rng(0).integers(0, 256, (num_classes, 3)).tolist()
    return tuple(tuple(int(value) for value in color) for color in palette)
