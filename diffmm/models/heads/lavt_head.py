# Needs mmsegmentation.
"""The decoder of LAVT, with which VPD segments referred objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmcv.cnn import build_norm_layer
from mmengine.registry import MODELS
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.models.utils import resize
from torch import Tensor, nn


@MODELS.register_module()
class LAVTHead(BaseDecodeHead):
    """Fuses the feature maps from coarse to fine, two convolutions at a time.

    LAVT (arXiv 2112.02244, its released mask decoder) as VPD uses it. It starts with
    the coarsest map. For every finer one, the result so far is resized to that map,
    concatenated in front of it, and passes two 3x3 convolutions without bias, each with
    norm and ReLU. A 1x1 convolution turns the last result into logits of the finest
    map's stride.

    With VPD's maps, ``in_channels=[320, 640 + L, 1280 + L, 1280]``, it has 39,176,962
    parameters for texts of L = 40 tokens and 39,603,202 for 77.

    Example:
        >>> head = MODELS.build(
        ...     dict(type='LAVTHead', in_channels=[32, 64, 128, 128], channels=64))
        >>> maps = [torch.zeros(2, c, 64 // s, 64 // s)
        ...         for c, s in zip([32, 64, 128, 128], [8, 16, 32, 64])]
        >>> head(maps).shape
        torch.Size([2, 2, 8, 8])

    Args:
        in_channels: Channels of the maps, fine to coarse, at least two.
        channels: Channels of every convolution. LAVT and VPD: 640, half of the coarsest
            map's.
        num_classes: Number of classes: background and object.
        norm_cfg: Config of the norm. Released: batch norm, synchronized in training.
        dropout_ratio: Dropout before the last convolution. Released: 0.
        align_corners: How every map is resized, and the logits to the picture.
            Released: True.
        init_cfg: None leaves torch's own initialization of convolutions, as released.
        **kwargs: Arguments of mmsegmentation's ``BaseDecodeHead``.

    Raises:
        ValueError: If there are fewer than two maps.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        channels: int,
        num_classes: int = 2,
        norm_cfg: Mapping | None = None,
        dropout_ratio: float = 0.0,
        align_corners: bool = True,
        init_cfg: Mapping | None = None,
        **kwargs: Any,
    ) -> None:
        if len(in_channels) < 2:
            raise ValueError(
                f'LAVTHead fuses two maps or more, got in_channels={in_channels!r}'
            )
        super().__init__(
            in_channels,
            channels,
            num_classes=num_classes,
            # Without it, mmsegmentation warns about two outputs.
            out_channels=num_classes,
            norm_cfg=dict(type='BN') if norm_cfg is None else norm_cfg,
            dropout_ratio=dropout_ratio,
            align_corners=align_corners,
            init_cfg=init_cfg,
            in_index=list(range(len(in_channels))),
            input_transform='multiple_select',
            **kwargs,
        )
        *finer, coarsest = in_channels
        self.fusions = nn.ModuleList()
        width = coarsest
        for extra in reversed(finer):
            self.fusions.append(
                nn.Sequential(
                    *self._convolution(width + extra), *self._convolution(channels)
                )
            )
            width = channels

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Computes the logits.

        Args:
            inputs: Feature maps (B, C, H, W), fine to coarse.

        Returns:
            Logits (B, num_classes, H, W) of the finest map's size.
        """
        *finer, fused = self._transform_inputs(inputs)
        for fusion, feature in zip(self.fusions, reversed(finer), strict=True):
            fused = resize(
                fused,
                size=feature.shape[-2:],
                mode='bilinear',
                align_corners=self.align_corners,
                warning=False,
            )
            fused = fusion(torch.cat([fused, feature], dim=1))  # (B, channels, H, W)
        return self.cls_seg(fused)

    def _convolution(self, in_channels: int) -> list[nn.Module]:
        # mmcv's ConvModule has another initialization.
        return [
            nn.Conv2d(in_channels, self.channels, 3, padding=1, bias=False),
            build_norm_layer(self.norm_cfg, self.channels)[1],
            nn.ReLU(inplace=True),
        ]
