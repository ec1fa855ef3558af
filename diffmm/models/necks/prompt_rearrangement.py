"""Features seen through prompts."""

from __future__ import annotations

from math import gcd

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn


class PromptRearrangement(BaseModule):
    """One channel for every prompt: how well each pixel's feature agrees with it.

    Meta Prompts, section 3.2.2. A 3x3 convolution, group norm and ReLU take the feature
    to the prompts' width; then comes the dot product with every prompt, neither scaled
    nor normalized (as released; the paper takes the dot product of the feature
    itself, which has the prompts' width by chance at most).

    Args:
        in_channels: Channels of the feature.
        width: Width D of the prompts.
        num_groups: Groups of the norm; Meta Prompts: 16.
        upsample: Factor that the feature is enlarged by first, bilinearly.
        rearrange: Whether to take the dot product. False returns the projected
            feature (Table 5d, first row).
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        num_groups: int = 16,
        upsample: int = 1,
        rearrange: bool = True,
    ) -> None:
        super().__init__()
        self.width = width
        self.upsample = upsample
        self.rearrange = rearrange
        self.conv = nn.Conv2d(in_channels, width, kernel_size=3, padding=1)
        self.norm = group_norm(num_groups, width)

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


def group_norm(num_groups: int, channels: int) -> nn.GroupNorm:
    """A group norm for any number of channels.

    Args:
        num_groups: Number of groups; if the channels do not divide by it, their
            greatest common divisor.
        channels: Number of channels.

    Returns:
        The norm.
    """
    return nn.GroupNorm(gcd(num_groups, channels), channels)
