"""Rearrangement: the dot products of features with prompts."""

from __future__ import annotations

from math import gcd
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ..backbones import DiffusionFeatures


class PromptRearrangement(BaseModule):
    """Computes one channel for every prompt: how well each pixel agrees with it.

    Meta Prompts, section 3.2.2. A 3x3 convolution, group norm and ReLU project the
    feature to the prompts' width. The dot product with a prompt is its channel, neither
    scaled nor normalized. This is the released code; the paper multiplies the feature
    itself, whose width is not the prompts'.

    Args:
        in_channels: Channels of the feature.
        width: Width D of the prompts.
        upsample: Factor by which the feature is enlarged first, bilinearly.
        rearrange: Take the dot product. False returns the projected feature (Table 5d,
            first row).
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        upsample: int = 1,
        rearrange: bool = True,
    ) -> None:
        super().__init__()
        self.width = width
        self.upsample = upsample
        self.rearrange = rearrange
        self.conv = nn.Conv2d(in_channels, width, kernel_size=3, padding=1)
        self.norm = group_norm(width)

    def forward(self, feature: Tensor, prompts: Tensor) -> Tensor:
        """Rearranges a feature.

        Args:
            feature: Shape (B, C, h, w).
            prompts: Shape (B, N, D).

        Returns:
            Shape (B, N, h * upsample, w * upsample), or (B, D, ...) without
            rearrangement.

        Raises:
            ValueError: If the prompts have another width.
        """
        if self.rearrange and prompts.shape[-1] != self.width:
            raise ValueError(
                f'features are projected to width={self.width}, but the prompts are '
                f'{prompts.shape[-1]} wide: set width={prompts.shape[-1]}'
            )
        if self.upsample != 1:
            feature = F.interpolate(
                feature,
                scale_factor=self.upsample,
                mode='bilinear',
                align_corners=False,
            )
        feature = F.relu(self.norm(self.conv(feature)))  # (B, D, h, w)
        if not self.rearrange:
            return feature
        return torch.einsum('bdhw,bnd->bnhw', feature, prompts)


def group_norm(channels: int) -> nn.GroupNorm:
    """Builds a group norm for any number of channels.

    Args:
        channels: Number of channels. They are divided into 16 groups (Meta Prompts), or
            if that leaves a rest, into as many as both numbers divide by.

    Returns:
        The norm.
    """
    return nn.GroupNorm(gcd(16, channels), channels)


def check_features(neck: nn.Module, features: Any) -> None:
    """Refuses features without a context, or of another number of maps.

    Args:
        neck: The neck, with ``in_channels``.
        features: What it got.

    Raises:
        TypeError: If the features carry no context.
        ValueError: If there are more or fewer maps than ``in_channels``.
    """
    name = type(neck).__name__
    if not isinstance(features, DiffusionFeatures):
        raise TypeError(
            f'{name} needs the prompts that the features of a StableDiffusionBackbone '
            f'carry, and got a {type(features).__name__}: let it follow the backbone '
            'or a RecurrentRefinementNeck, and put other necks behind it'
        )
    if len(features) != len(neck.in_channels):
        raise ValueError(
            f'{name}: in_channels has {len(neck.in_channels)} entries '
            f'{list(neck.in_channels)}, but got {len(features)} maps'
        )
