"""The empty prompt."""

from __future__ import annotations

from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import TextEncoder
from diffmm.diffusion.tokenizer import MAX_TOKENS

from .static_text_prompt import StaticTextPrompt


@MODELS.register_module()
class NullPrompt(StaticTextPrompt):
    """The encoded empty string, all 77 tokens of it.

    It is what Stable Diffusion is unconditionally sampled with, and the baseline of
    VPD's ablation (Table 5, first row).

    Args:
        width: Width D of the context.
        init_cfg: As in every mmengine module.
    """

    def __init__(self, width: int, init_cfg: dict | None = None) -> None:
        super().__init__(width, MAX_TOKENS, init_cfg=init_cfg)
        self.names = tuple(f'empty prompt, token {i}' for i in range(MAX_TOKENS))

    def encode_text(self, text_encoder: TextEncoder) -> Tensor:
        """Encodes the empty string.

        Args:
            text_encoder: The prior's text encoder.

        Returns:
            Its last hidden states, shape (77, D).
        """
        return text_encoder(['']).tokens[0]
