"""The frozen CLIP text encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from .token_table import TokenTable, extend_table
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


def text_tower(model: CLIPTextModel) -> nn.Module:
    """Takes the network out of transformers' text model.

    transformers 4 wraps the network, and the wrapper puts ``text_model.`` before every
    parameter's name; transformers 5 does not. Checkpoints of the network alone fit
    both.

    Args:
        model: The text model.

    Returns:
        Its embeddings, layers and final norm, called as the text model is.
    """
    return getattr(model, 'text_model', model)


def as_text_model(tower: nn.Module) -> CLIPTextModel:
    """Turns a text tower back into what diffusers' pipelines expect.

    Args:
        tower: What ``text_tower`` returns; it is not copied.

    Returns:
        The text model, in the mode of the tower.
    """
    if isinstance(tower, CLIPTextModel):
        return tower
    with torch.device('meta'):
        model = CLIPTextModel(tower.config)
    model.text_model = tower
    return model.train(tower.training)


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
        self.model = text_tower(model).requires_grad_(False).eval()
        extend_table(self.model)

    @property
    def words(self) -> tuple[str, ...]:
        """The learned words that texts may use."""
        return self._table.words

    @property
    def _table(self) -> TokenTable:
        return self.model.embeddings.token_embedding

    def add_words(self, words: Mapping[str, Tensor]) -> None:
        """Teaches words that textual inversion learned.

        Args:
            words: Vectors (D,), by the word.

        Raises:
            ValueError: As `TokenTable.add`.
        """
        self._table.add(words)

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.model.final_layer_norm.weight.device

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
        """Encodes texts without gradient.

        Args:
            texts: T texts.
            max_length: As in `encode`.

        Returns:
            Their features.
        """
        return self.encode(texts, max_length)

    def encode(
        self, texts: Sequence[str], max_length: int = MAX_TOKENS
    ) -> TextFeatures:
        """Encodes texts, padded or truncated to the same length.

        Args:
            texts: T texts.
            max_length: Tokens per text, begin and end included, at most 77.

        Returns:
            Their features.
        """
        ids, lengths = pad_token_ids(texts, self.pad_token_id, max_length, self.words)
        # No attention mask: neither Stable Diffusion nor the papers mask the padding.
        output = self.model(input_ids=ids.to(self.device))
        tokens = output.last_hidden_state  # (T, L, D)
        rows = torch.arange(len(ids))
        return TextFeatures(tokens, tokens[rows, lengths - 1], lengths)
