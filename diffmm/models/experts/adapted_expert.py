"""Vermouth's Adapted-Expert: maps of a frozen network beside those of the UNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


class ConvAdapter(BaseModule):
    """A bottleneck of two 1x1 convolutions without bias, ReLU between them.

    Args:
        channels: Channels of the map, C.
        reduction: C over the channels of the bottleneck. Released: 4.
        residual: Add the input. The paper cites Houlsby et al., who do; the released
            code does not.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 4,
        residual: bool = False,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        inner = max(channels // reduction, 1)
        self.down = nn.Conv2d(channels, inner, 1, bias=False)
        self.up = nn.Conv2d(inner, channels, 1, bias=False)
        self.residual = residual

    def forward(self, feature: Tensor) -> Tensor:
        """Adapts a map.

        Args:
            feature: Shape (B, C, h, w).

        Returns:
            The same shape.
        """
        adapted = self.up(self.down(feature).relu())
        return feature + adapted if self.residual else adapted


@MODELS.register_module()
class AdaptedExpert(BaseModule):
    """An expert whose adapted maps are concatenated behind those of the same stride.

    Vermouth, section 3.4, equation 10.

    Example:
        >>> expert = MODELS.build(dict(
        ...     type='AdaptedExpert',
        ...     strides=(8, 16, 32, 64),
        ...     source=dict(
        ...         type='TimmExpert', model='resnet18', out_indices=(2, 3, 4))))
        >>> expert.channels
        [128, 256, 512, 0]
        >>> maps = [torch.zeros(1, 3, 64 // s, 64 // s) for s in (8, 16, 32, 64)]
        >>> [each.shape[1] for each in expert(maps, torch.zeros(1, 3, 64, 64))]
        [131, 259, 515, 3]

    Args:
        source: Config of the frozen network, such as ``TimmExpert``.
        strides: Strides of the maps that it joins. The backbone passes its own.
        reduction: As in `ConvAdapter`.
        residual: As in `ConvAdapter`.
        normalize: Give every pixel of both parts length 1 over its channels before they
            are joined. Released: True in classification, False in retrieval.
        init_cfg: As in every mmengine module.

    Attributes:
        channels: Channels that it adds to every map.

    Raises:
        ValueError: A map of the expert has a stride that no map has.
    """

    def __init__(
        self,
        source: Mapping,
        strides: Sequence[int],
        reduction: int = 4,
        residual: bool = False,
        normalize: bool = False,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.source = MODELS.build(dict(source))
        self.normalize = normalize
        strides = list(strides)
        for stride in self.source.strides:
            if stride not in strides or self.source.strides.count(stride) > 1:
                raise ValueError(
                    f'the expert has maps of strides {self.source.strides}, the '
                    f'backbone of {strides}: each of the expert must have the stride '
                    f'of one map, but {stride} has not. Choose other out_indices, or '
                    'say with strides=... what the maps count as'
                )
        self.adapters = nn.ModuleList(
            ConvAdapter(channels, reduction, residual)
            for channels in self.source.channels
        )
        self._index = {s: i for i, s in enumerate(self.source.strides)}
        self._strides = strides
        self.channels = [
            self.source.channels[self._index[s]] if s in self._index else 0
            for s in strides
        ]

    def forward(self, features: Sequence[Tensor], images: Tensor) -> list[Tensor]:
        """Joins the adapted maps of the expert to other maps.

        Args:
            features: Maps (B, C_i, h_i, w_i) of the strides of this module.
            images: Their images, RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            Maps (B, C_i + channels_i, h_i, w_i).
        """
        found = self.source(images)
        joined = []
        for stride, feature in zip(self._strides, features, strict=True):
            index = self._index.get(stride)
            if index is not None:
                adapted = self.adapt(found[index], index, feature.shape[-2:])
                if self.normalize:
                    feature = F.normalize(feature, dim=1)
                    adapted = F.normalize(adapted, dim=1)
                feature = torch.cat([feature, adapted.to(feature.dtype)], dim=1)
            joined.append(feature)
        return joined

    def adapt(self, expert_map: Tensor, index: int, size: tuple[int, int]) -> Tensor:
        """Resizes and adapts one map of the expert.

        Args:
            expert_map: The map.
            index: Its number among the expert's maps.
            size: Height and width of the map that it joins.
        """
        if expert_map.shape[-2:] != size:
            expert_map = F.interpolate(
                expert_map, size, mode='bilinear', align_corners=False
            )
        return self.adapters[index](expert_map)
