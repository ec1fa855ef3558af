"""Every level of a pyramid seen through prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn

from ..backbones import DiffusionFeatures
from .prompt_rearrangement import PromptRearrangement
from .prompted_features import check_features


@MODELS.register_module()
class PromptRearrangementNeck(BaseModule):
    """Turns every map into one channel per prompt.

    Meta Prompts, section 3.2.2, as its released segmentation does it: each map is
    enlarged twice and projected to the prompts' width, and its dot product with
    every prompt of the last pass is one channel (see `PromptRearrangement`). Maps of
    strides 8 to 64 become maps of N channels at strides 4 to 32. With 3x3 convolutions
    to 768 channels, SD1.5 takes 24,339,456 parameters.

    It stands behind the backbone, or inside of `RecurrentRefinementNeck`, whose
    features carry the prompts: whatever the backbone's prompt module made, learned or
    encoded text. Sizes are rounded up as the backbone's are, before they are doubled.

    Example:
        >>> neck = dict(
        ...     type='RecurrentRefinementNeck', num_steps=3,
        ...     neck=dict(type='PromptRearrangementNeck',
        ...               in_channels=[320, 640, 1280, 1280], width=768))

    Args:
        in_channels: Channels of the maps, fine to coarse, attention maps included.
        width: Width D of the prompts: 768 for SD1.x.
        num_groups: Groups of the norm; Meta Prompts: 16.
        upsample: Factor that every map is enlarged by; Meta Prompts: 2.
        rearrange: Whether to take the dot product with the prompts. False gives the D
            channels of the projected maps, which is what Table 5d needs as its first
            row (how the authors did it is not known).
        neck: Config (or list of configs) of the host's own neck, run on the result.
        init_cfg: As in every mmengine module.

    Attributes:
        levels: The `PromptRearrangement` of every map.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        width: int = 768,
        num_groups: int = 16,
        upsample: int = 2,
        rearrange: bool = True,
        neck: Mapping | Sequence[Mapping] | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = tuple(in_channels)
        self.levels = nn.ModuleList(
            PromptRearrangement(channels, width, num_groups, upsample, rearrange)
            for channels in in_channels
        )
        self.neck = None if neck is None else MODELS.build(neck)

    def forward(self, features: DiffusionFeatures) -> tuple[Tensor, ...] | Any:
        """Rearranges every map.

        Args:
            features: Maps of shapes (B, C_i, h_i, w_i) and the context (B, N, D) that
                the UNet attended to.

        Returns:
            Maps of shapes (B, N, 2 h_i, 2 w_i), or what ``neck`` makes of them.

        Raises:
            TypeError: If the features carry no context.
            ValueError: If there are more or fewer maps than ``in_channels``, or the
                context has another width.
        """
        check_features(self, features)
        maps = tuple(
            level(feature, features.context)
            for level, feature in zip(self.levels, features, strict=True)
        )
        return maps if self.neck is None else self.neck(maps)
