"""The adapter of Meta Prompts' released depth estimation."""

from __future__ import annotations

from collections.abc import Mapping

from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class MLPAdapter(BaseModule):
    """Replaces embeddings by what an MLP makes of them.

    The MLP of VPD's ``TextAdapter`` without its residual connection and gamma. Meta
    Prompts' released depth estimation passes its prompts through one; the paper
    mentions none.

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
            What replaces them, of the same shape.
        """
        return self.mlp(embeddings)
