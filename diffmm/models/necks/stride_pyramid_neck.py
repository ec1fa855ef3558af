"""A pyramid of the strides that a host's neck and heads were written for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class StridePyramidNeck(BaseModule):
    """Turns maps of the backbone's strides into maps of any strides.

    A diffusion backbone gives strides 8 to 64; most hosts' necks and heads were written
    for 4 to 32. A stride that the backbone has passes as it is, without parameters. A
    finer one is made from the finest map by transposed convolutions of kernel 2 and
    stride 2, with group norm and GELU between two of them. A coarser one is max-pooled
    from the next finer map. Both are as in ViTDet's simple feature pyramid (section 3),
    which makes every level from one map; here the backbone's own maps are kept.

    A level has the channels of the map that it is made from. Sizes are rounded up: if
    a side of the image is no multiple of 8, the stride-4 map is up to one pixel larger
    than ceil(side / 4). The hosts pad detection and pose images to multiples of 32.

    Example:
        >>> neck = MODELS.build(dict(
        ...     type='StridePyramidNeck',
        ...     in_channels=[32, 64, 128, 128],
        ...     in_strides=[8, 16, 32, 64],
        ...     strides=[4, 8, 16, 32]))
        >>> maps = [torch.zeros(1, c, 64 // s, 64 // s)
        ...         for c, s in zip([32, 64, 128, 128], [8, 16, 32, 64])]
        >>> [tuple(each.shape) for each in neck(maps)]
        [(1, 32, 16, 16), (1, 32, 8, 8), (1, 64, 4, 4), (1, 128, 2, 2)]

    Args:
        in_channels: Channels of the incoming maps, fine to coarse.
        in_strides: Their strides, increasing powers of two.
        strides: Strides of the result, in any order. One may occur more than once: the
            hosts' heads for a plain ViT expect four maps of stride 16.
        neck: Config (or list of configs) of the host's own neck, run on the result.
        with_token: Give every level as a pair, with its average over the image. Heads
            for plain ViTs (mmseg's DPT) read a class token there. Not with ``neck``.
        init_cfg: As in every mmengine module.

    Attributes:
        out_channels: Channels of every level, before ``neck``.

    Raises:
        ValueError: If the lists do not fit, a stride is no power of two, or both
            ``neck`` and ``with_token`` are given.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        in_strides: Sequence[int],
        strides: Sequence[int],
        neck: Mapping | Sequence[Mapping] | None = None,
        init_cfg: Mapping | None = None,
        with_token: bool = False,
    ) -> None:
        super().__init__(init_cfg)
        if len(in_channels) != len(in_strides):
            raise ValueError(
                f'in_channels {list(in_channels)} and in_strides {list(in_strides)} '
                'must be equally long'
            )
        if list(in_strides) != sorted(set(in_strides)):
            raise ValueError(f'in_strides must increase, got {list(in_strides)}')
        odd = [s for s in (*in_strides, *strides) if s < 1 or s & (s - 1)]
        if odd or not strides or not in_strides:
            raise ValueError(
                'in_strides and strides must be powers of two, got '
                f'{list(in_strides)} and {list(strides)}'
            )
        if neck is not None and with_token:
            raise ValueError(f'with_token leaves no plain maps for a neck, got {neck}')
        self.in_channels = tuple(in_channels)
        self.in_strides = tuple(in_strides)
        self.strides = tuple(strides)
        self.with_token = with_token
        self.upsample = nn.ModuleList()
        stride = self.in_strides[0]
        while stride > min(strides):
            self.upsample.append(_double(self.in_channels[0], first=not self.upsample))
            stride //= 2
        self.out_channels = tuple(self.in_channels[self._source(s)] for s in strides)
        self.neck = None if neck is None else MODELS.build(neck)

    def forward(
        self, maps: Sequence[Tensor]
    ) -> tuple[Tensor, ...] | tuple[tuple[Tensor, Tensor], ...]:
        """Makes one map per stride, or what ``neck`` makes of them.

        Args:
            maps: Maps of shapes (B, C_i, h_i, w_i), as many as ``in_channels``.

        Returns:
            Maps of shapes (B, out_channels[i], H / strides[i], W / strides[i]), sizes
            rounded up; with ``with_token`` pairs of such a map and a (B, C) tensor.

        Raises:
            ValueError: If there are more or fewer maps than ``in_channels``.
        """
        if len(maps) != len(self.in_channels):
            raise ValueError(
                f'in_channels has {len(self.in_channels)} entries '
                f'{list(self.in_channels)}, but got {len(maps)} maps'
            )
        # 1. Up-sample the finest map, step by step.
        finer = {}
        stride, feature = self.in_strides[0], maps[0]
        for double in self.upsample:
            stride, feature = stride // 2, double(feature)  # (B, C, 2h, 2w)
            finer[stride] = feature
        # 2. Collect the levels.
        levels = tuple(
            finer[stride] if stride in finer else self._pool(maps, stride)
            for stride in self.strides
        )
        if self.with_token:
            return tuple((level, level.mean((2, 3))) for level in levels)  # (B, C)
        # 3. The host's own neck.
        return levels if self.neck is None else self.neck(levels)

    def _source(self, stride: int) -> int:
        """Index of the map that a level of ``stride`` is made from."""
        return max(
            (i for i, own in enumerate(self.in_strides) if own <= stride), default=0
        )

    def _pool(self, maps: Sequence[Tensor], stride: int) -> Tensor:
        source = self._source(stride)
        feature = maps[source]
        for _ in range((stride // self.in_strides[source]).bit_length() - 1):
            feature = F.max_pool2d(feature, kernel_size=2, ceil_mode=True)
        return feature


def _double(channels: int, first: bool) -> nn.Sequential:
    """Doubles height and width."""
    layers = [nn.ConvTranspose2d(channels, channels, kernel_size=2, stride=2)]
    if not first:
        # One group fits any number of channels, attention maps included.
        layers = [nn.GroupNorm(1, channels), nn.GELU(), *layers]
    return nn.Sequential(*layers)
