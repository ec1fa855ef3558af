"""The frozen CLIP text encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from .tokenizer import MAX_TOKENS, pad_token_ids


class TextFeatures(NamedTuple):
    """Features of a list of T texts.

    Attributes:
        tokens: The last hidden states after the final layer norm, (T, L, D).
        pooled: Those at the end-of-text token, (T, D), neither projected nor
            normalized.
        lengths: Number of tokens up to and including the end token, (T,).
    """

    tokens: Tensor
    pooled: Tensor
    lengths: Tensor


class TextEncoder(nn.Module):
    """CLIP's tokenizer and text tower.

    Args:
        model: The text tower: ViT-L/14 for SD1.x, OpenCLIP-H (as diffusers stores it)
            for SD2.x.
        pad_token_id: Token that fills short texts: the end token 49407 in SD1.x, 0 in
            SD2.x.
    """

    def __init__(self, model: CLIPTextModel, pad_token_id: int) -> None:
        super().__init__()
        self.pad_token_id = pad_token_id
        self.model = model.requires_grad_(False).eval()

    @classmethod
    def build(cls, config: Mapping[str, Any]) -> TextEncoder:
        """Builds one with random weights.

        Args:
            config: A ``transformers.CLIPTextConfig``.

        Returns:
            The text encoder.
        """
        config = CLIPTextConfig(**config)
        return cls(CLIPTextModel(config), config.pad_token_id)

    @torch.no_grad()
    def forward(
        self, texts: Sequence[str], max_length: int = MAX_TOKENS
    ) -> TextFeatures:
        """Encodes texts, padded or truncated to the same length.

        Args:
            texts: T texts.
            max_length: Tokens per text, begin and end included, at most 77.

        Returns:
            Their features.
        """
        ids, lengths = pad_token_ids(texts, self.pad_token_id, max_length)
        # No attention mask: neither Stable Diffusion nor the papers mask the padding.
        output = self.model(input_ids=ids.to(self.model.device))
        tokens = output.last_hidden_state  # (T, L, D)
        rows = torch.arange(len(ids))
        return TextFeatures(tokens, tokens[rows, lengths - 1], lengths)
