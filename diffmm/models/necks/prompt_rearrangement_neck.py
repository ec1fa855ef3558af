"""Rearrangement of every level of a pyramid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn

from ..backbones import DiffusionFeatures
from .prompt_rearrangement import PromptRearrangement, check_features


@MODELS.register_module()
class PromptRearrangementNeck(BaseModule):
    """Turns every map into one channel per prompt.

    Meta Prompts, section 3.2.2, as its released segmentation does it: each map is
    enlarged twice and projected to the prompts' width; its dot product with every
    prompt of the last pass is one channel (see `PromptRearrangement`). Maps of
    strides 8 to 64 become maps of N channels at strides 4 to 32, their sizes rounded up
    before they are doubled. With 3x3 convolutions to 768 channels, SD1.5 takes
    24,339,456 parameters.

    It stands behind the backbone or inside of `RecurrentRefinementNeck`. The prompts
    are what the backbone's prompt module made: learned ones or encoded text.

    Example:
        >>> backbone = MODELS.build(dict(
        ...     type='StableDiffusionBackbone', arch='mini',
        ...     prompt=dict(type='MetaPrompts', num_prompts=5)))
        >>> neck = MODELS.build(dict(
        ...     type='PromptRearrangementNeck',
        ...     in_channels=[32, 64, 128, 128], width=128))
        >>> maps = neck(backbone(torch.zeros(1, 3, 64, 128)))
        >>> [tuple(each.shape) for each in maps]
        [(1, 5, 16, 32), (1, 5, 8, 16), (1, 5, 4, 8), (1, 5, 2, 4)]

    Args:
        in_channels: Channels of the maps, fine to coarse, attention maps included.
        width: Width D of the prompts: 768 for SD1.x.
        rearrange: Take the dot product with the prompts. False gives the D channels of
            the projected maps, our reading of Table 5d's first row (the authors did not
            release theirs).
        neck: Config (or list of configs) of the host's own neck, run on the result.
        init_cfg: As in every mmengine module.

    Attributes:
        levels: The `PromptRearrangement` of every map.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        width: int = 768,
        rearrange: bool = True,
        neck: Mapping | Sequence[Mapping] | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = tuple(in_channels)
        self.levels = nn.ModuleList(
            PromptRearrangement(channels, width, upsample=2, rearrange=rearrange)
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
