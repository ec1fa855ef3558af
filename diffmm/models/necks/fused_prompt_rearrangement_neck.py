"""Rearrangement of a pyramid that is fused to one map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn

from ..backbones import DiffusionFeatures
from .prompt_rearrangement import PromptRearrangement, check_features, group_norm


@MODELS.register_module()
class FusedPromptRearrangementNeck(BaseModule):
    """Fuses all maps at the finest stride, then computes one channel per prompt.

    Meta Prompts, section 3.2.2, as its released depth estimation does it. The finest
    map passes a 3x3 convolution, group norm and ReLU. Level i passes i transposed
    convolutions, each to few channels and with batch norm and ReLU, then a 3x3
    convolution back to its own number of channels, batch norm and ReLU. The maps
    are concatenated and projected to the prompts' width; the dot product with every
    prompt of the last pass is one channel (see `PromptRearrangement`). SD1.5 takes
    27,874,240 parameters.

    It takes the place of `PromptRearrangementNeck`.

    Example:
        >>> backbone = MODELS.build(dict(
        ...     type='StableDiffusionBackbone', arch='mini',
        ...     prompt=dict(type='MetaPrompts', num_prompts=5)))
        >>> neck = MODELS.build(dict(
        ...     type='FusedPromptRearrangementNeck',
        ...     in_channels=[32, 64, 128, 128], width=128))
        >>> maps = neck(backbone(torch.zeros(1, 3, 64, 128)))
        >>> [tuple(each.shape) for each in maps]
        [(1, 5, 8, 16)]

    Args:
        in_channels: Channels of the maps, fine to coarse, each of twice the stride of
            the one before, attention maps included.
        width: Width D of the prompts: 768 for SD1.x.
        hidden_channels: Channels of the transposed convolutions; Meta Prompts: 32.
        rearrange: Take the dot product with the prompts. False gives the D channels of
            the fused map (Table 5d, first row).
        neck: Config (or list of configs) of the host's own neck, run on the result.
        init_cfg: As in every mmengine module.

    Attributes:
        laterals: The layers that bring each map to the finest stride.
        fuse: The `PromptRearrangement` of the fused map.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        width: int = 768,
        hidden_channels: int = 32,
        rearrange: bool = True,
        neck: Mapping | Sequence[Mapping] | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = tuple(in_channels)
        finest, *coarser = in_channels
        self.laterals = nn.ModuleList([_smooth(finest)])
        for level, channels in enumerate(coarser, start=1):
            self.laterals.append(_enlarge(channels, hidden_channels, level))
        self.fuse = PromptRearrangement(sum(in_channels), width, rearrange=rearrange)
        self.neck = None if neck is None else MODELS.build(neck)

    def forward(self, features: DiffusionFeatures) -> tuple[Tensor] | Any:
        """Fuses and rearranges the maps.

        Args:
            features: Maps of shapes (B, C_i, h_i, w_i) and the context (B, N, D) that
                the UNet attended to.

        Returns:
            A map of shape (B, N, h_0, w_0) as a tuple of one, or what ``neck`` makes
            of it.

        Raises:
            TypeError: If the features carry no context.
            ValueError: If there are more or fewer maps than ``in_channels``, or the
                context has another width.
        """
        check_features(self, features)
        height, width = features[0].shape[-2:]
        # A coarse map whose size was rounded up covers more than the finest one.
        maps = [
            lateral(feature)[..., :height, :width]
            for lateral, feature in zip(self.laterals, features, strict=True)
        ]
        fused = self.fuse(torch.cat(maps, dim=1), features.context)
        return (fused,) if self.neck is None else self.neck((fused,))


def _smooth(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, kernel_size=3, padding=1),
        group_norm(channels),
        nn.ReLU(),
    )


def _enlarge(channels: int, hidden_channels: int, times: int) -> nn.Sequential:
    """Doubles height and width ``times`` times."""
    layers: list[nn.Module] = []
    incoming = channels
    for _ in range(times):
        layers += [
            nn.ConvTranspose2d(
                incoming,
                hidden_channels,
                kernel_size=4,
                stride=2,
                padding=1,
                bias=False,
            ),
            nn.BatchNorm2d(hidden_channels),
            nn.ReLU(),
        ]
        incoming = hidden_channels
    return nn.Sequential(
        *layers,
        nn.Conv2d(hidden_channels, channels, kernel_size=3, padding=1),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    )
