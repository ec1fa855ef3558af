"""A training config, read for predicting plain pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import MODELS

from diffmm.models.perceptors import DiffusionPerceptor
from diffmm.utils.tool_config import merge_options

from .catalog import get_config


def load_config(config: str | Path, cfg_options: dict[str, Any] | None) -> Config:
    """Reads a config and puts its test pipeline at the top level.

    Args:
        config: The file, or the name of a shipped config.
        cfg_options: Overrides of its entries.

    Returns:
        The config, with ``test_pipeline``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it describes no model, or no test data set.
    """
    settings = get_config(config)
    merge_options(settings, cfg_options)
    model = settings.get('model', {})
    if 'backbone' not in model and not _is_perceptor(model):
        raise ValueError(f'{config} has no model.backbone: give the training config')
    if 'test_pipeline' not in settings:
        settings.test_pipeline = find_test_dataset(settings).pipeline
    return settings


def _is_perceptor(model: Mapping[str, Any]) -> bool:
    """Tells if a model is a generative perceptor, which is all backbone."""
    kind = model.get('type')
    if isinstance(kind, str):
        kind = MODELS.module_dict.get(kind)
    return isinstance(kind, type) and issubclass(kind, DiffusionPerceptor)


def find_test_dataset(settings: Config) -> Config:
    """Returns the config of the innermost test data set.

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


def checksum_of(settings: Config) -> str:
    """Sums up what a prediction depends on: model, test pipeline and test data set.

    Args:
        settings: A config of `load_config`, before a model is built from it.

    Returns:
        The SHA-256 of their text, as hexadecimal digits.
    """
    dataset = settings.get('test_dataloader', {}).get('dataset')
    counts = (settings.model, settings.test_pipeline, dataset)
    return hashlib.sha256(repr(counts).encode()).hexdigest()
