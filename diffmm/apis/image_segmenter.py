# Needs mmsegmentation.
"""Segmentation of plain images with a trained model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmseg.registry import DATASETS

from .image_predictor import ImagePredictor, find_test_dataset
from .segmented_image import SegmentedImage


class ImageSegmenter(ImagePredictor):
    """A trained segmentation model, ready for images without annotations.

    Arguments are those of `ImagePredictor`.

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

    def __call__(
        self, image: str | Path | np.ndarray, text: str | None = None
    ) -> SegmentedImage:
        """Segment one image.

        Args:
            image: An image file, or a BGR array ``(H, W, 3)``, uint8.
            text: What to segment, for a model of referring segmentation: "the red ball
                left of the tree".

        Returns:
            The image with its class map, both of the image's own size.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: As `ImagePredictor.predict`.
        """
        pixels, prediction = self.predict(image, text)
        class_map = prediction.pred_sem_seg.data[0].cpu().numpy()
        return SegmentedImage(pixels, class_map, self.classes, self.palette)


def _find_dataset_meta(
    meta: dict[str, Any], settings: Config, checkpoint: str | Path
) -> dict[str, Any]:
    """Return classes and palette: the checkpoint's, otherwise the config's."""
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
    """Return a colour per class; drawn at random, but always the same, if none."""
    palette: Sequence | None = dataset_meta.get('palette')
    if not palette:
        palette = np.random.default_rng(0).integers(0, 256, (num_classes, 3)).tolist()
    return tuple(tuple(int(value) for value in color) for color in palette)
