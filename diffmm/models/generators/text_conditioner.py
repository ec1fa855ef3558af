"""The CLIP text encoder that is trained together with a UNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from diffmm.diffusion import TextEncoder
from diffmm.diffusion.text_encoder import text_tower
from diffmm.diffusion.token_table import TokenTable, extend_table
from diffmm.diffusion.tokenizer import MAX_TOKENS, pad_token_ids

from ..prompts.truncation import count_cuts
from .caption_mixture import Condition


class TextConditioner(nn.Module):
    """Turns conditions into contexts of cross-attention, with gradient.

    Args:
        config: A ``transformers.CLIPTextConfig``.
        template: Sentence whose end-of-text feature stands for a class name; VPD's is
            "a photo of a {}".

    Attributes:
        num_truncated: How many of the texts so far were too long and lost their ends.
    """

    def __init__(self, config: Mapping, template: str = 'a photo of a {}') -> None:
        super().__init__()
        self.model = text_tower(CLIPTextModel(CLIPTextConfig(**config)))
        extend_table(self.model)
        self.template = template
        # A small set of captions has few of CLIP's tokens. A shipped model tells which
        # rows of its embedding were trained.
        seen = torch.zeros(self.model.config.vocab_size, dtype=torch.bool)
        self.register_buffer('seen_tokens', seen)
        self.num_truncated = 0

    @property
    def table(self) -> TokenTable:
        """The embeddings of tokens and learned words."""
        return self.model.embeddings.token_embedding

    def load(self, encoder: TextEncoder) -> None:
        """Takes the weights of a trained text encoder.

        Tokens that its training did not see have an embedding of zero. If the table is
        trained on, they start from random vectors of the others' length instead: from
        zero, a few thousand steps would bring a new word to a fraction of it.

        Args:
            encoder: The text encoder; its learned words come with it.

        Raises:
            ValueError: Both have learned words.
        """
        if encoder.words and self.table.words:
            raise ValueError(
                f'the model has learned {list(encoder.words)} already; learn '
                f'{self.table.words[0]!r} from one without words'
            )
        # A word that is yet to be learned is in no file.
        self.model.load_state_dict(encoder.model.state_dict(), strict=False)
        weight = self.table.weight.detach()
        seen = weight.any(dim=1)
        self.seen_tokens |= seen
        if self.table.weight.requires_grad and not seen.all():
            drawn = torch.randn_like(weight[~seen])
            weight[~seen] = drawn * weight[seen].std()

    def forward(self, conditions: Sequence[Condition]) -> tuple[Tensor, Tensor]:
        """Encodes a batch.

        Args:
            conditions: One per image.

        Returns:
            The context (B, L, D), and which of its tokens are text, bool (B, L). Behind
            a sentence, the other tokens are padding, with the features that Stable
            Diffusion shows to its UNet. Behind class names they are zeros.
        """
        names = sorted({name for item in conditions for name in item.names})
        sentences = [item.text for item in conditions]
        sentences += [self.template.replace('{}', name) for name in names]
        words = self.table.words
        ids, lengths = pad_token_ids(
            sentences, self.model.config.pad_token_id, words=words
        )
        self._tell_cut(sentences, lengths)
        ids, lengths = (t.to(self.seen_tokens.device) for t in (ids, lengths))
        if self.training:
            self.seen_tokens[ids[ids < len(self.seen_tokens)]] = True
        hidden = self.model(input_ids=ids).last_hidden_state  # (B + names, L, D)
        size = len(conditions)
        positions = torch.arange(ids.shape[1], device=ids.device)
        valid = positions < lengths[:size, None]  # (B, L)
        context = hidden[:size]
        if not names:
            return context, valid
        rows = torch.arange(size, len(sentences), device=ids.device)
        pooled = hidden[rows, lengths[size:] - 1]  # (names, D)
        index = {name: row for row, name in enumerate(names)}
        contexts = list(context)
        for row, item in enumerate(conditions):
            if item.names:
                tokens = pooled[[index[name] for name in item.names]]
                padding = (0, 0, 0, len(positions) - len(tokens))
                contexts[row] = nn.functional.pad(tokens, padding)
                valid[row] = positions < len(tokens)
        return torch.stack(contexts), valid

    def _tell_cut(self, texts: Sequence[str], lengths: Tensor) -> None:
        """Warns of the first text that is too long, and counts all."""
        full = [
            text
            for text, length in zip(texts, lengths.tolist(), strict=True)
            if length == MAX_TOKENS
        ]
        self.num_truncated += count_cuts(
            full, MAX_TOKENS, self.table.words, self.num_truncated, 'num_truncated'
        )
