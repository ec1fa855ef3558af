"""Vermouth's U-head: fusion of a pyramid along one flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn

# Widths of the levels, fine to coarse.
SIZES = dict(tiny=(256, 512, 768, 1024), small=(256, 512, 768, 1024), pico=(256,) * 4)
FLOWS = ('down', 'up')
_GROUPS = 32


class FusionBlock(BaseModule):
    """A 1x1 convolution, group norm and SiLU; ``small`` refines it.

    Args:
        in_channels: Channels that are fused.
        out_channels: Channels of the result.
        kernel: Kernel of the second convolution of ``small``; None for none.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int | None) -> None:
        super().__init__()
        self.fuse = _convolution(in_channels, out_channels, 1)
        self.refine = None
        if kernel is not None:
            self.refine = _convolution(out_channels, out_channels, kernel)

    def forward(self, feature: Tensor) -> Tensor:
        """Fuses channels.

        Args:
            feature: Shape (B, in_channels, h, w).

        Returns:
            Shape (B, out_channels, h, w).
        """
        feature = self.fuse(feature)
        if self.refine is None:
            return feature
        return F.silu(feature + self.refine(feature))


def _convolution(in_channels: int, out_channels: int, kernel: int) -> nn.Sequential:
    """A convolution without bias, group norm and SiLU, initialized as released."""
    convolution = nn.Conv2d(
        in_channels, out_channels, kernel, padding=kernel // 2, bias=False
    )
    nn.init.kaiming_normal_(convolution.weight)
    return nn.Sequential(convolution, nn.GroupNorm(_GROUPS, out_channels), nn.SiLU())


@MODELS.register_module()
class UHead(BaseModule):
    """A pyramid fused level by level, down to one coarse map or up to fine ones.

    Vermouth, section 3.3. Down: the finest level is fused, halved, and joined behind
    the channels of the next, to the coarsest; global tasks read its map. Up: the
    coarsest level is fused, doubled, and joined behind the channels of the next; dense
    tasks read all maps. The released code of the up-stream fuses no levels; this is
    what the paper draws.

    Example:
        >>> neck = MODELS.build(dict(
        ...     type='UHead', in_channels=[32, 64, 128, 128], size='pico'))
        >>> maps = [torch.zeros(1, c, 16 >> i, 16 >> i) for i, c in
        ...         enumerate([32, 64, 128, 128])]
        >>> [tuple(each.shape) for each in neck(maps)]
        [(1, 256, 2, 2)]

    Args:
        in_channels: Channels of the maps, fine to coarse.
        size: ``'tiny'`` (all figures of the paper), ``'small'`` (a second, residual
            convolution in every level: 3x3 in the two finest, else 1x1) or ``'pico'``
            (256 channels in every level).
        flow: ``'down'`` (classification, retrieval) or ``'up'`` (segmentation).
        widths: Channels of the levels, fine to coarse, instead of the size's. The
            released up-stream has 256 everywhere.
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: The size or flow is unknown, or the maps and widths differ in
            number.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        size: str = 'tiny',
        flow: str = 'down',
        widths: Sequence[int] | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if size not in SIZES or flow not in FLOWS:
            raise ValueError(
                f'size must be one of {tuple(SIZES)} and flow one of {FLOWS}, got '
                f'{size!r} and {flow!r}'
            )
        widths = list(SIZES[size] if widths is None else widths)
        if len(widths) != len(in_channels):
            raise ValueError(
                f'a U-head of widths {widths} needs as many maps, got in_channels='
                f'{list(in_channels)}'
            )
        self.flow = flow
        self.widths = widths
        blocks = []
        for level, channels in enumerate(in_channels):
            before = level - 1 if flow == 'down' else level + 1
            if 0 <= before < len(widths):
                channels += widths[before]
            kernel = (3 if level < 2 else 1) if size == 'small' else None
            blocks.append(FusionBlock(channels, widths[level], kernel))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, features: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Fuses the pyramid.

        Args:
            features: Maps (B, C_i, h_i, w_i), fine to coarse.

        Returns:
            Down: the coarsest map alone. Up: all maps, fine to coarse.
        """
        levels = list(range(len(self.blocks)))
        fused: dict[int, Tensor] = {}
        flowing = None
        for level in levels if self.flow == 'down' else reversed(levels):
            feature = features[level]
            if flowing is not None:
                flowing = self._resize(flowing, feature)
                feature = torch.cat([feature, flowing], dim=1)
            flowing = fused[level] = self.blocks[level](feature)
        if self.flow == 'down':
            return (flowing,)
        return tuple(fused[level] for level in levels)

    def _resize(self, flowing: Tensor, feature: Tensor) -> Tensor:
        """Halves or doubles, to maps of odd sizes too."""
        size = feature.shape[-2:]
        if self.flow == 'down':
            return F.adaptive_avg_pool2d(flowing, size)
        return F.interpolate(flowing, size, mode='bilinear', align_corners=False)


@MODELS.register_module()
class MeanFusion(BaseModule):
    """The baseline of Vermouth's Table 6: a convolution of every level, and their mean.

    Example:
        >>> neck = MODELS.build(dict(type='MeanFusion', in_channels=[32, 64]))
        >>> maps = [torch.zeros(1, 32, 16, 16), torch.zeros(1, 64, 8, 8)]
        >>> neck(maps)[0].shape
        torch.Size([1, 512, 4, 4])

    Args:
        in_channels: Channels of the maps.
        channels: Channels of the result.
        size: Side of the result; None for the size of the finest map (segmentation).
            Maps are resized bilinearly without antialiasing, as torchvision 0.14 did,
            with which the released code was run.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        channels: int = 512,
        size: int | None = 4,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.convs = nn.ModuleList(nn.Conv2d(each, channels, 1) for each in in_channels)
        self.size = size

    def forward(self, features: Sequence[Tensor]) -> tuple[Tensor]:
        """Fuses the maps.

        Args:
            features: Maps (B, C_i, h_i, w_i).

        Returns:
            One map (B, channels, size, size).
        """
        size = (self.size, self.size) if self.size else features[0].shape[-2:]
        parts = [
            F.interpolate(conv(each), size, mode='bilinear', align_corners=False)
            for conv, each in zip(self.convs, features, strict=True)
        ]
        return (torch.stack(parts).mean(0),)
