"""The CLIP text encoder that is trained together with a UNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from diffmm.diffusion.text_encoder import text_tower
from diffmm.diffusion.tokenizer import pad_token_ids

from .caption_mixture import Condition


class TextConditioner(nn.Module):
    """Turns conditions into contexts of cross-attention, with gradient.

    Args:
        config: A ``transformers.CLIPTextConfig``.
        template: Sentence whose end-of-text feature stands for a class name; VPD's is
            "a photo of a {}".
    """

    def __init__(self, config: Mapping, template: str = 'a photo of a {}') -> None:
        super().__init__()
        self.model = text_tower(CLIPTextModel(CLIPTextConfig(**config)))
        self.template = template
        # A small set of captions has few of CLIP's tokens. A shipped model tells which
        # rows of its embedding were trained.
        seen = torch.zeros(self.model.config.vocab_size, dtype=torch.bool)
        self.register_buffer('seen_tokens', seen)

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
        ids, lengths = pad_token_ids(sentences, self.model.config.pad_token_id)
        ids, lengths = (t.to(self.seen_tokens.device) for t in (ids, lengths))
        if self.training:
            self.seen_tokens[ids.flatten()] = True
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
