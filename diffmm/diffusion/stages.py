"""Vermouth's stages: named sets of layers, aligned to four levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from .unet_layers import UNetLayer, check_names


class FeatureMap(NamedTuple):
    """A feature map that is made of the outputs of layers.

    Attributes:
        layers: Names of the layers.
        level: Halvings between the latents and the map. A layer of another size is
            resized bilinearly.
        mean: Whether the layers are averaged; they are concatenated if not.
    """

    layers: tuple[str, ...]
    level: int
    mean: bool = False

    def build(self, outputs: Mapping[str, Tensor], height: int, width: int) -> Tensor:
        """Makes the map.

        Args:
            outputs: Outputs of layers by name.
            height: Height of the latents.
            width: Width of the latents.

        Returns:
            The map, (B, C, height >> level, width >> level).
        """
        size = (height >> self.level, width >> self.level)
        parts = [_resize(outputs[name], size) for name in self.layers]
        if self.mean:
            return torch.stack(parts).mean(0)
        return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]

    def channels(self, layers: Mapping[str, UNetLayer], tokens: int) -> int:
        """Counts the channels of the map.

        Args:
            layers: The layers of the UNet by name.
            tokens: Channels of a map of cross-attention.
        """
        counts = [layers[name].channels or tokens for name in self.layers]
        return counts[0] if self.mean else sum(counts)


_DOWN = [f'down_blocks.{index}' for index in range(4)]
_UP = [f'up_blocks.{index}' for index in range(4)]
_LAST_UP = FeatureMap((_UP[2], _UP[3]), 0)
_MID = FeatureMap(('mid_block',), 3)

STAGES: dict[str, tuple[FeatureMap, ...]] = {
    'down': tuple(FeatureMap((name,), level) for level, name in enumerate(_DOWN)),
    'up': tuple(FeatureMap((name,), level) for level, name in enumerate(_UP[::-1])),
    'down+mid': (
        *(FeatureMap((name,), level) for level, name in enumerate(_DOWN[:3])),
        _MID,
    ),
    'mid+up': (
        _LAST_UP,
        FeatureMap((_UP[1],), 1),
        FeatureMap((_UP[0],), 2),
        _MID,
    ),
    'all': (
        _LAST_UP,
        FeatureMap((_DOWN[0], _UP[1]), 1),
        FeatureMap((_DOWN[1], _UP[0]), 2),
        FeatureMap((_DOWN[2], _DOWN[3], 'mid_block'), 3, mean=True),
    ),
}
"""Maps of strides 8, 16, 32 and 64, as Vermouth's released code aligns them."""


def resolve_maps(
    choice: str | Sequence[str] | None,
    layers: Sequence[UNetLayer],
    default: Sequence[str],
) -> tuple[FeatureMap, ...]:
    """Finds the maps that a choice of layers stands for.

    Args:
        choice: One of `STAGES`, names of layers (a map for each, in its own size), or
            None for the default.
        layers: The layers of the UNet.
        default: Names of the layers of the default.

    Returns:
        The maps.

    Raises:
        ValueError: A stage or a layer does not exist, a layer is named twice, or the
            channels of a layer depend on the size of the image.
    """
    if isinstance(choice, str):
        if choice not in STAGES:
            raise ValueError(
                f'layers must be one of the stages {tuple(STAGES)} or a list of names '
                f'of layers, got {choice!r}'
            )
        maps = STAGES[choice]
        check_names([name for each in maps for name in each.layers], layers)
        return maps
    names = list(default if choice is None else choice)
    check_names(names, layers)
    if not names or len(set(names)) < len(names):
        raise ValueError(f'layers must name each layer once, got {names}')
    levels = {layer.name: layer.level for layer in layers}
    for name in names:
        if name.endswith('.attn1.map'):
            raise ValueError(
                f'{name!r} has a channel for every position, so its channels depend '
                'on the size of the image and no neck can be built for them; take '
                'to_q, to_k or to_v'
            )
    return tuple(FeatureMap((name,), levels[name]) for name in names)


def _resize(value: Tensor, size: tuple[int, int]) -> Tensor:
    if value.shape[-2:] == size:
        return value
    return F.interpolate(value, size, mode='bilinear', align_corners=False)
