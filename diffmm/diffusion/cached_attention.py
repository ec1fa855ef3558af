"""Attention that computes the keys and values of a text once for many passes."""

from __future__ import annotations

from diffusers.models.attention_processor import Attention
from torch import Tensor

from .attention import attend

# Keys and values of every cross-attention.
TextCache = dict[Attention, tuple[Tensor, Tensor]]


class CachedTextAttention:
    """Attention of Stable Diffusion 1.x and 2.x, as diffusers computes it.

    A UNet whose processors are of this class takes
    ``cross_attention_kwargs=dict(text_cache={})``: the first pass fills the dict, and
    later ones with the same context read it. There is no state in the UNet.
    """

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        text_cache: TextCache | None = None,
    ) -> Tensor:
        """Runs an attention; the names are those that diffusers passes.

        Args:
            attn: The attention.
            hidden_states: Normalized hidden states, shape (B, HW, C).
            encoder_hidden_states: The context, shape (B, N, D); None for
                self-attention. With W windows of every image, one window's rows behind
                the other's, it may have a row for every image only.
            attention_mask: Bias of the scores, shape (B, 1, N), or None.
            temb: Not used.
            text_cache: Keys and values of this context, or where to put them.

        Returns:
            Shape (B, HW, C).
        """
        query = attn.to_q(hidden_states)
        context = encoder_hidden_states
        if context is None:
            key, value = attn.to_k(hidden_states), attn.to_v(hidden_states)
        elif text_cache is None:
            key, value = attn.to_k(context), attn.to_v(context)
        else:
            if attn not in text_cache:
                text_cache[attn] = attn.to_k(context), attn.to_v(context)
            key, value = text_cache[attn]
        windows = len(query) // len(key)
        if windows > 1:
            key, value = (each.repeat(windows, 1, 1) for each in (key, value))
            if attention_mask is not None:
                attention_mask = attention_mask.repeat(windows, 1, 1)
        hidden = _attend(attn, query, key, value, attention_mask)  # (B, HW, C)
        for layer in attn.to_out:
            hidden = layer(hidden)
        return hidden


def _attend(
    attn: Attention, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None
) -> Tensor:
    query, key, value = (
        each.unflatten(-1, (attn.heads, -1)).transpose(1, 2)  # (B, heads, L, d)
        for each in (query, key, value)
    )
    if bias is not None:
        bias = bias[:, None].to(query.dtype)
    hidden = attend(query, key, value, bias)
    return hidden.transpose(1, 2).flatten(2)
