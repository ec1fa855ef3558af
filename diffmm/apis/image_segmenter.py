# Needs mmsegmentation.
"""Segmentation of plain images with a trained model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.model import revert_sync_batchnorm
from mmseg.apis import inference_model, init_model
from mmseg.models import BaseSegmentor
from mmseg.registry import DATASETS

from .read_checkpoint import read_checkpoint
from .read_image import read_image
from .segmented_image import SegmentedImage

_MAX_REASON = 600


class ImageSegmenter:
    """A trained segmentation model, ready for images without annotations.

    A checkpoint of DiffMM is complete, so neither the weights the training started from
    nor the network are needed.

    Args:
        config: The config file that the model was trained with.
        checkpoint: The trained weights.
        device: Where to run, for example ``'cpu'`` or ``'cuda:0'``.
        cfg_options: Overrides of config entries.

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
        settings = _load_config(config, cfg_options)
        trained = read_checkpoint(checkpoint)
        model = init_model(settings, device='cpu')
        _load_weights(model, trained['state_dict'], checkpoint, config)
        model.dataset_meta = _find_dataset_meta(trained['meta'], settings, checkpoint)
        self.classes = tuple(model.dataset_meta['classes'])
        self.palette = _complete_palette(model.dataset_meta, len(self.classes))
        self.model = revert_sync_batchnorm(model).to(device).eval()

    def __call__(self, image: str | Path | np.ndarray) -> SegmentedImage:
        """Segment one image.

        Args:
            image: An image file, or a BGR array ``(H, W, 3)``, uint8.

        Returns:
            The image with its class map, both of the image's own size.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no intact image or too small for the backbone.
        """
        pixels = image if isinstance(image, np.ndarray) else read_image(image)
        prediction = inference_model(self.model, pixels)
        class_map = prediction.pred_sem_seg.data[0].cpu().numpy()
        return SegmentedImage(pixels, class_map, self.classes, self.palette)


def _load_config(config: str | Path, cfg_options: dict[str, Any] | None) -> Config:
    """Read a config and put its test pipeline where mmsegmentation looks for it."""
    if not Path(config).is_file():
        raise FileNotFoundError(f'no config at {config}')
    settings = Config.fromfile(config)
    if cfg_options:
        settings.merge_from_dict(cfg_options)
    if 'model' not in settings or 'backbone' not in settings.model:
        raise ValueError(f'{config} has no model.backbone: give the training config')
    if 'test_pipeline' not in settings:
        settings.test_pipeline = _find_dataset(settings).pipeline
    return settings


def _find_dataset(settings: Config) -> Config:
    """Return the config of the innermost test data set."""
    if 'test_dataloader' not in settings:
        raise ValueError(
            f'{settings.filename} has no test_dataloader, whose data set names the '
            'classes and the test pipeline'
        )
    dataset = settings.test_dataloader.dataset
    while 'dataset' in dataset or 'datasets' in dataset:
        dataset = dataset.dataset if 'dataset' in dataset else dataset.datasets[0]
    return dataset


def _load_weights(
    model: BaseSegmentor,
    state: dict[str, Any],
    checkpoint: str | Path,
    config: str | Path,
) -> None:
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ValueError(
            f'{checkpoint} does not fit {config}; give the config that it was trained '
            f'with. {str(error)[:_MAX_REASON]}'
        ) from error


def _find_dataset_meta(
    meta: dict[str, Any], settings: Config, checkpoint: str | Path
) -> dict[str, Any]:
    """Return classes and palette: the checkpoint's, otherwise the config's."""
    recorded = meta.get('dataset_meta') or {}
    if recorded.get('classes'):
        return dict(recorded)
    dataset = _find_dataset(settings)
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
