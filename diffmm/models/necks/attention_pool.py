"""Modules that make one vector of a feature map, or of another vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class AttentionPool(BaseModule):
    """CLIP's attention pooling: the mean of a map attends to its pixels.

    Example:
        >>> pool = MODELS.build(dict(
        ...     type='AttentionPool', in_channels=64, out_channels=48, heads=8))
        >>> pool([torch.zeros(2, 64, 2, 2)]).shape
        torch.Size([2, 48])

    Args:
        in_channels: Channels of the map. Vermouth: 1024.
        out_channels: Width of the vector, that of the text features. Vermouth: 768.
        heads: Attention heads. Vermouth: 8.
        size: Side of the map; maps of another size are pooled to it. Vermouth: 4.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        heads: int = 8,
        size: int = 4,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        positions = torch.randn(size**2 + 1, in_channels) / in_channels**0.5
        self.positions = nn.Parameter(positions)
        self.query = nn.Linear(in_channels, in_channels)
        self.key = nn.Linear(in_channels, in_channels)
        self.value = nn.Linear(in_channels, in_channels)
        self.out = nn.Linear(in_channels, out_channels)
        self.heads = heads
        self.size = size

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Pools the last map.

        Args:
            features: Maps, of which the last is (B, C, h, w).

        Returns:
            Vectors (B, out_channels).
        """
        feature = features[-1]
        if feature.shape[-2:] != (self.size, self.size):
            feature = F.adaptive_avg_pool2d(feature, self.size)
        tokens = feature.flatten(2).transpose(1, 2)  # (B, hw, C)
        tokens = torch.cat([tokens.mean(1, keepdim=True), tokens], dim=1)
        tokens = tokens + self.positions  # (B, 1 + hw, C)
        query, key, value = (
            layer(each).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, each in (
                (self.query, tokens[:, :1]),
                (self.key, tokens),
                (self.value, tokens),
            )
        )  # (B, heads, 1 or 1 + hw, C / heads)
        pooled = F.scaled_dot_product_attention(query, key, value)
        return self.out(pooled.transpose(1, 2).flatten(1))


@MODELS.register_module()
class VectorAdapter(BaseModule):
    """A bottleneck on a vector: what Vermouth's Table 2 puts behind other backbones.

    Example:
        >>> adapter = MODELS.build(dict(
        ...     type='VectorAdapter', in_channels=64, out_channels=48))
        >>> adapter([torch.zeros(2, 64)]).shape
        torch.Size([2, 48])

    Args:
        in_channels: Width of the vector, C.
        out_channels: Width of the result.
        reduction: C over the width of the bottleneck. Released: 4.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        reduction: int = 4,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.down = nn.Linear(in_channels, in_channels // reduction, bias=False)
        self.up = nn.Linear(in_channels // reduction, out_channels, bias=False)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Adapts the last vector.

        Args:
            features: Vectors, of which the last is (B, C).

        Returns:
            Vectors (B, out_channels).
        """
        return self.up(self.down(features[-1]).relu())
