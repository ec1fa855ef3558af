"""The conditions of a denoising: an image and a text, as the UNet is told them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from diffmm.diffusion.cached_attention import TextCache


class Conditioning(NamedTuple):
    """All that the UNet is told beside the noisy target.

    Attributes:
        image: Latents of the image, shape (B, 4, h, w).
        context: What cross-attention attends to, shape (B, N, D).
        visible: Which of its tokens, bool, shape (B, N); None for all.
        image_part: What a `SplitInput` made of the image, shape (B, C, h, w), or None.
        text_cache: Keys and values of the context for `CachedTextAttention`, or None.
    """

    image: Tensor
    context: Tensor
    visible: Tensor | None = None
    image_part: Tensor | None = None
    text_cache: TextCache | None = None

    def repeat(self, count: int) -> Conditioning:
        """Repeats every image's, one after the other, before anything is cached."""
        return Conditioning(
            *(
                None if part is None else part.repeat_interleave(count, dim=0)
                for part in self[:3]
            )
        )
