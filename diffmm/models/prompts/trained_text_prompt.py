"""A prompt of the text that comes with each image, whose text encoder trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import Architecture
from diffmm.diffusion.tokenizer import MAX_TOKENS, pad_token_ids

from .text_prompt import TextPrompt


@MODELS.register_module()
class TrainedTextPrompt(TextPrompt):
    """A `TextPrompt` whose text encoder trains.

    All papers freeze CLIP's text encoder (VPD, InstructPix2Pix, ADDP). That of `mini`
    knows the words of captions alone; expressions have others, which it has to learn.

    Example:
        >>> config = dict(type='TrainedTextPrompt', num_tokens=16)
        >>> backbone = MODELS.build(
        ...     dict(type='StableDiffusionBackbone', arch='mini', prompt=config))
        >>> context = backbone.prompt(2, ['the red ball', ''])
        >>> context.shape, context.requires_grad
        (torch.Size([2, 16, 128]), True)
        >>> backbone.prompt.visible_tokens(['the red ball', '']).sum(dim=1)
        tensor([5, 2])

    Args:
        width: Width D of the context. The model passes its architecture's.
        num_tokens: Tokens L of every text, begin and end included. Shorter texts are
            padded, longer ones cut.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        width: int,
        num_tokens: int = MAX_TOKENS,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(width, num_tokens, init_cfg=init_cfg)

    def set_architecture(self, architecture: Architecture) -> None:
        """Builds the text encoder, as `TextPrompt` does, and lets it train."""
        super().set_architecture(architecture)
        self.text_encoder.requires_grad_(True)

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Encodes as `TextPrompt` does, with gradient and without keeping texts."""
        texts = self._require_texts(texts)
        different = list(dict.fromkeys(texts))
        self._count_truncated(different)
        features = self.text_encoder.encode(different, self.num_tokens).tokens
        return features[[different.index(text) for text in texts]]

    def visible_tokens(self, texts: Sequence[str]) -> Tensor:
        """Tells which tokens cross-attention sees: not the padding.

        Padding copies the end token, which summarizes the text; a small network that
        sees it, as Stable Diffusion does, does not learn the words.

        Args:
            texts: T texts.

        Returns:
            True up to each text's end token, shape (T, L).
        """
        encoder = self.text_encoder
        _, lengths = pad_token_ids(
            texts, encoder.pad_token_id, self.num_tokens, encoder.words
        )
        visible = torch.arange(self.num_tokens) < lengths[:, None]
        return visible.to(encoder.device)
