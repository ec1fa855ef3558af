"""What a neck that reads prompts can expect of features."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..backbones import DiffusionFeatures


def check_features(neck: nn.Module, features: Any) -> None:
    """Refuses features without a context, or of another number of maps.

    Args:
        neck: The neck, with ``in_channels``.
        features: What it got.

    Raises:
        TypeError: If the features carry no context.
        ValueError: If there are more or fewer maps than ``in_channels``.
    """
    name = type(neck).__name__
    if not isinstance(features, DiffusionFeatures):
        raise TypeError(
            f'{name} needs the prompts that the features of a StableDiffusionBackbone '
            f'carry, and got a {type(features).__name__}: let it follow the backbone '
            'or a RecurrentRefinementNeck, other necks after it'
        )
    if len(features) != len(neck.in_channels):
        raise ValueError(
            f'{name}: in_channels has {len(neck.in_channels)} entries '
            f'{list(neck.in_channels)}, but {len(features)} maps came'
        )
