"""A pyramid fused to one map that is seen through prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn

from ..backbones import DiffusionFeatures
from .prompt_rearrangement import PromptRearrangement, group_norm
from .prompted_features import check_features


@MODELS.register_module()
class FusedPromptRearrangementNeck(BaseModule):
    """Fuses all maps at the finest stride, then takes one channel per prompt.

    Meta Prompts, section 3.2.2, as its released depth estimation does it: the finest
    map passes a 3x3 convolution, group norm and ReLU; level i is enlarged by i
    transposed convolutions to few channels, each with batch norm and ReLU, and brought
    back to its own number of channels by a 3x3 convolution, batch norm and ReLU. All of
    them together are projected to the prompts' width, and the dot product with
    every prompt of the last pass is one channel (see `PromptRearrangement`). SD1.5
    takes 27,874,240 parameters.

    It stands where `PromptRearrangementNeck` stands.

    Example:
        >>> neck = dict(
        ...     type='RecurrentRefinementNeck', num_steps=3,
        ...     neck=dict(type='FusedPromptRearrangementNeck',
        ...               in_channels=[320, 640, 1280, 1280], width=768))

    Args:
        in_channels: Channels of the maps, fine to coarse, each of twice the stride of
            the one before, attention maps included.
        width: Width D of the prompts: 768 for SD1.x.
        hidden_channels: Channels of the transposed convolutions; Meta Prompts: 32.
        num_groups: Groups of the group norms; Meta Prompts: 16. Fewer where channels
            do not divide by it.
        rearrange: Whether to take the dot product with the prompts. False gives the D
            channels of the fused map (Table 5d, first row).
        neck: Config (or list of configs) of the host's own neck, run on the result.
        init_cfg: As in every mmengine module.

    Attributes:
        laterals: What brings each map to the finest stride.
        fuse: The `PromptRearrangement` of the fused map.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        width: int = 768,
        hidden_channels: int = 32,
        num_groups: int = 16,
        rearrange: bool = True,
        neck: Mapping | Sequence[Mapping] | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = tuple(in_channels)
        finest, *coarser = in_channels
        self.laterals = nn.ModuleList([_smooth(finest, num_groups)])
        for level, channels in enumerate(coarser, start=1):
            self.laterals.append(_enlarge(channels, hidden_channels, level))
        self.fuse = PromptRearrangement(
            sum(in_channels), width, num_groups, rearrange=rearrange
        )
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
        # Coarse maps whose sizes were rounded up reach over the finest one's edge.
        maps = [
            lateral(feature)[..., :height, :width]
            for lateral, feature in zip(self.laterals, features, strict=True)
        ]
        fused = self.fuse(torch.cat(maps, dim=1), features.context)
        return (fused,) if self.neck is None else self.neck((fused,))


def _smooth(channels: int, num_groups: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, kernel_size=3, padding=1),
        group_norm(num_groups, channels),
        nn.ReLU(),
    )


def _enlarge(channels: int, hidden_channels: int, times: int) -> nn.Sequential:
    """Doubles height and width so many times."""
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
