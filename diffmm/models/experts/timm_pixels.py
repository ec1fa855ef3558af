"""Pixels as models of timm expect them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class TimmPixels(nn.Module):
    """Normalizes pixels by the mean and deviation that a model was trained with.

    No checkpoint carries them.

    Args:
        config: The model's ``pretrained_cfg``.
    """

    def __init__(self, config: Any) -> None:
        super().__init__()
        for key in ('mean', 'std'):
            values = torch.tensor(config[key]).view(1, 3, 1, 1)
            self.register_buffer(key, values, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Normalizes pixels.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            The same shape.
        """
        return (images * 0.5 + 0.5 - self.mean) / self.std
