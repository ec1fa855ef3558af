"""Text that is the same for every image, encoded once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from diffmm.diffusion import TextEncoder

from .prompt import Prompt


class StaticTextPrompt(Prompt):
    """Base class of prompts whose text never changes.

    The encoded text is a buffer, so a checkpoint carries it and the text encoder is
    needed once, when pre-trained weights are loaded. Until then the buffer holds unit
    Gaussian noise, which has the scale of CLIP's features: that is also what a
    prior with random weights (``pretrained=None``) is prompted with.

    Args:
        width: Width D of the context.
        num_tokens: Number of tokens N of the context.
        adapter: Config of a module applied to the encoded text at every forward, such
            as ``dict(type='TextAdapter')`` (VPD), or None.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        width: int,
        num_tokens: int,
        adapter: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(width, adapter, init_cfg)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(num_tokens, width, generator=generator)
        self.register_buffer('embeddings', noise)

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Repeats the encoded, adapted text for every image.

        Args:
            batch_size: Number of images B.
            texts: Not used.

        Returns:
            The context, shape (B, N, D).
        """
        context = self.adapt(self.embeddings)  # (N, D)
        return context.expand(batch_size, -1, -1)

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Encodes the text.

        Args:
            load_text_encoder: Builds the prior's text encoder; None leaves the noise.
        """
        if load_text_encoder is not None:
            self.embeddings.copy_(self.encode_text(load_text_encoder()))

    @abstractmethod
    def encode_text(self, text_encoder: TextEncoder) -> Tensor:
        """Encodes this prompt's text.

        Args:
            text_encoder: The prior's text encoder.

        Returns:
            The encoded text, shape (N, D).
        """
