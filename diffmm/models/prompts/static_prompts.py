"""Prompts that are the same for every image and never trained."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import TextEncoder
from diffmm.diffusion.tokenizer import MAX_TOKENS

from .prompt import Prompt

# Begin and end.
_UNPADDED = 2


class StaticTextPrompt(Prompt):
    """Base class of prompts whose text never changes.

    The encoded text is a buffer, so a checkpoint carries it, and the text encoder is
    needed only once, when pre-trained weights are loaded. Until then, and with
    ``pretrained=None`` for good, the buffer holds unit Gaussian noise, which has the
    scale of CLIP's features.

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
        adapter: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(width, adapter, init_cfg)
        self.register_buffer('embeddings', _noise(num_tokens, width))

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Repeats the encoded and adapted text for every image.

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


@MODELS.register_module()
class NullPrompt(StaticTextPrompt):
    """The encoded empty string.

    Stable Diffusion attends to all 77 tokens of it when it samples without a condition.
    It is the baseline of VPD's ablation (Table 5, first row). Marigold's empty text has
    no padding: the begin and the end token.

    Example:
        >>> prompt = MODELS.build(dict(type='NullPrompt', width=128))
        >>> prompt(2).shape
        torch.Size([2, 77, 128])

    Args:
        width: Width D of the context.
        padded: Whether the padding is part of it: 77 tokens (all but Marigold and ADDP
            on it), or 2.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self, width: int, padded: bool = True, init_cfg: Mapping | None = None
    ) -> None:
        count = MAX_TOKENS if padded else _UNPADDED
        super().__init__(width, count, init_cfg=init_cfg)
        self.padded = padded
        self.names = tuple(f'empty prompt, token {i}' for i in range(count))

    def encode_text(self, text_encoder: TextEncoder) -> Tensor:
        """Encodes the empty string.

        Args:
            text_encoder: The prior's text encoder.

        Returns:
            Its last hidden states, shape (77 or 2, D).
        """
        return text_encoder([''], max_length=len(self.names)).tokens[0]


@MODELS.register_module()
class RandomPrompt(Prompt):
    """Gaussian noise in place of encoded text.

    An ablation: it shows how much of a gain is left if the words mean nothing. Vermouth
    compares empty, random and generated prompts. ``MetaPrompts`` is noise that trains.

    Example:
        >>> prompt = MODELS.build(dict(type='RandomPrompt', width=128, num_tokens=5))
        >>> prompt(2).shape
        torch.Size([2, 5, 128])

    Args:
        width: Width D of the context.
        num_tokens: Number of tokens N.
        seed: Seed of the noise.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        width: int,
        num_tokens: int,
        seed: int = 0,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(width, init_cfg=init_cfg)
        self.register_buffer('embeddings', _noise(num_tokens, width, seed))
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


def _noise(num_tokens: int, width: int, seed: int = 0) -> Tensor:
    """Draws (N, D), the same in every process of a distributed run."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_tokens, width, generator=generator)
