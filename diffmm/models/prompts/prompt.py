"""What every prompt module is: something that makes the UNet's context."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from mmengine.model import BaseModule
from torch import Tensor

from diffmm.diffusion import TextEncoder


class Prompt(BaseModule, ABC):
    """Base class of the modules that produce the context of cross-attention.

    Args:
        width: Width D of the context. The backbone passes its architecture's.
        init_cfg: As in every mmengine module.

    Attributes:
        names: One name for every attention map that the prompt leads to.
    """

    names: tuple[str, ...]

    def __init__(self, width: int, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.width = width

    @abstractmethod
    def forward(self, batch_size: int) -> Tensor:
        """Makes the context of a batch.

        Args:
            batch_size: Number of images B.

        Returns:
            The context, shape (B, N, D).
        """

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Fills what the prompt takes from pre-trained weights, once.

        Args:
            load_text_encoder: Builds the prior's text encoder, which costs time and
                memory, so a prompt calls it only if it has text to encode. None if the
                prior has random weights.
        """

    def pool_maps(self, attention_map: Tensor) -> Tensor:
        """Turns maps of tokens into maps of names.

        Args:
            attention_map: Probabilities per token, shape (B, N, h, w).

        Returns:
            Probabilities per name, shape (B, len(names), h, w).
        """
        return attention_map
