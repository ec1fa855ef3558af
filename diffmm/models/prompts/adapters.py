"""Adapters: small trained modules between a prompt's embeddings and the UNet."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class TextAdapter(BaseModule):
    """Adds a learned correction to encoded text: ``c + gamma * MLP(c)``.

    VPD, section 3.2 and equation 6. The paper calls gamma a scale; the released code
    has one for every channel.

    Example:
        >>> adapter = MODELS.build(dict(type='TextAdapter', width=128))
        >>> adapter(torch.zeros(150, 128)).shape
        torch.Size([150, 128])

    Args:
        width: Width D of the text features.
        gamma: Initial value of every channel's gamma. VPD: 1e-4.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self, width: int, gamma: float = 1e-4, init_cfg: Mapping | None = None
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


@MODELS.register_module()
class MLPAdapter(BaseModule):
    """Replaces embeddings by the output of an MLP.

    It is VPD's ``TextAdapter`` without residual connection and gamma. Meta Prompts'
    released depth estimation passes its prompts through one; the paper does not mention
    it.

    Example:
        >>> adapter = MODELS.build(dict(type='MLPAdapter', width=128))
        >>> adapter(torch.zeros(50, 128)).shape
        torch.Size([50, 128])

    Args:
        width: Width D of the embeddings.
        init_cfg: As in every mmengine module.
    """

    def __init__(self, width: int, init_cfg: Mapping | None = None) -> None:
        super().__init__(init_cfg)
        self.mlp = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Linear(width, width)
        )

    def forward(self, embeddings: Tensor) -> Tensor:
        """Transforms embeddings.

        Args:
            embeddings: Shape (..., D).

        Returns:
            The new embeddings, of the same shape.
        """
        return self.mlp(embeddings)
