"""VPD's text adapter."""

from __future__ import annotations

import torch
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class TextAdapter(BaseModule):
    """Adds a learned correction to encoded text: ``c + gamma * MLP(c)``.

    VPD, section 3.2 and equation 6. The paper calls gamma a scale; the released code
    has one for every channel.

    Args:
        width: Width D of the text features.
        gamma: Initial value of every channel's gamma. VPD: 1e-4.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self, width: int, gamma: float = 1e-4, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.mlp = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Linear(width, width)
        )
        self.gamma = nn.Parameter(torch.full((width,), gamma))

    def forward(self, text: Tensor) -> Tensor:
        """Refines text features.

        Args:
            text: Features of shape (..., D).

        Returns:
            Refined features of the same shape.
        """
        return text + self.gamma * self.mlp(text)
