# Needs mmsegmentation.
"""What running a trained model on plain images takes, whatever it predicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.model import revert_sync_batchnorm
from mmseg.apis import init_model
from mmseg.models import BaseSegmentor
from mmseg.structures import SegDataSample

from .read_checkpoint import read_checkpoint
from .read_image import read_image

_MAX_REASON = 600


class ImagePredictor:
    """A trained model of mmsegmentation, ready for images without annotations.

    A checkpoint of DiffMM is complete, so neither the weights the training started from
    nor the network are needed.

    Args:
        config: The config file that the model was trained with.
        checkpoint: The trained weights.
        device: Where to run, for example ``'cpu'`` or ``'cuda:0'``.
        cfg_options: Overrides of config entries.

    Attributes:
        cfg: The config.
        checkpoint_meta: What the checkpoint records about its training.

    Raises:
        FileNotFoundError: If config or checkpoint do not exist.
        ValueError: If the checkpoint cannot be read or does not fit the config.
    """

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        self.cfg = load_config(config, cfg_options)
        trained = read_checkpoint(checkpoint)
        self.checkpoint_meta = trained['meta']
        model = init_model(self.cfg, device='cpu')
        _load_weights(model, trained['state_dict'], checkpoint, config)
        self.model = revert_sync_batchnorm(model).to(device).eval()
        self.pipeline = _without_annotations(self.cfg.test_pipeline)

    @torch.no_grad()
    def predict(
        self, image: str | Path | np.ndarray, text: str | None = None
    ) -> tuple[np.ndarray, SegDataSample]:
        """Predict one image.

        Args:
            image: An image file, or a BGR array ``(H, W, 3)``, uint8.
            text: The image's text, if the model is prompted image by image.

        Returns:
            The image as a BGR array, and the host's prediction for it.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no intact image or too small for the backbone, or if
                the text is missing, or there is one that the model cannot use.
        """
        key = getattr(self.model.data_preprocessor, 'text_key', None)
        if (key is None) != (text is None):
            raise ValueError(
                f'the model of {self.cfg.filename} is not prompted with a text, so '
                f'{text!r} would change nothing'
                if key is None
                else f'the model of {self.cfg.filename} needs the text of the image '
                f'({key}): give it one'
            )
        pixels = image if isinstance(image, np.ndarray) else read_image(image)
        item = self.pipeline(dict(img=pixels) | ({} if key is None else {key: text}))
        batch = {key: [item[key]] for key in ('inputs', 'data_samples')}
        return pixels, self.model.test_step(batch)[0]


def load_config(config: str | Path, cfg_options: dict[str, Any] | None) -> Config:
    """Read a config and put its test pipeline at the top level.

    Args:
        config: The file.
        cfg_options: Overrides of its entries.

    Returns:
        The config, with ``test_pipeline``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it describes no model, or no test data set.
    """
    if not Path(config).is_file():
        raise FileNotFoundError(f'no config at {config}')
    settings = Config.fromfile(config)
    if cfg_options:
        settings.merge_from_dict(cfg_options)
    if 'model' not in settings or 'backbone' not in settings.model:
        raise ValueError(f'{config} has no model.backbone: give the training config')
    if 'test_pipeline' not in settings:
        settings.test_pipeline = find_test_dataset(settings).pipeline
    return settings


def find_test_dataset(settings: Config) -> Config:
    """Return the config of the innermost test data set.

    Raises:
        ValueError: If there is none.
    """
    if 'test_dataloader' not in settings:
        raise ValueError(
            f'{settings.filename} has no test_dataloader, whose data set names the '
            'classes and the test pipeline'
        )
    dataset = settings.test_dataloader.dataset
    while 'dataset' in dataset or 'datasets' in dataset:
        dataset = dataset.dataset if 'dataset' in dataset else dataset.datasets[0]
    return dataset


def _without_annotations(transforms: list[dict]) -> Compose:
    """Start a pipeline from an array, and leave out what reads annotations."""
    first, *rest = transforms
    rest = [step for step in rest if not step['type'].startswith('Load')]
    return Compose([dict(first, type='LoadImageFromNDArray'), *rest])


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
