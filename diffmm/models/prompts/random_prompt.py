"""A prompt without meaning."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from .prompt import Prompt


@MODELS.register_module()
class RandomPrompt(Prompt):
    """Fixed or learnable Gaussian noise in place of encoded text.

    An ablation: what is left of a gain when the words mean nothing.

    Args:
        width: Width D of the context.
        num_tokens: Number of tokens N.
        learnable: Whether training changes them.
        seed: Seed of the noise.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        width: int,
        num_tokens: int,
        learnable: bool = False,
        seed: int = 0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(width, init_cfg=init_cfg)
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(num_tokens, width, generator=generator)
        if learnable:
            self.embeddings = nn.Parameter(noise)
        else:
            self.register_buffer('embeddings', noise)
        self.names = tuple(f'random {i}' for i in range(num_tokens))

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Repeats the noise for every image.

        Args:
            batch_size: Number of images B.
            texts: Not used.

        Returns:
            The context, shape (B, N, D).
        """
        return self.embeddings.expand(batch_size, -1, -1)
