"""The forward pass of a UNet's spatial transformer, with its attention map."""

from __future__ import annotations

from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from torch import Tensor

from .attention import cross_attention_with_map


def run_spatial_transformer(
    transformer: Transformer2DModel,
    hidden: Tensor,
    context: Tensor,
    capture: bool,
    gradient: bool,
) -> tuple[Tensor, Tensor | None]:
    """Runs a spatial transformer of Stable Diffusion 1.x or 2.x.

    The module's forward pass is written out here so that the map is a return value.
    There is no hook and no state, so ``deepcopy``, DDP, gradient checkpointing and
    ``torch.compile`` give the same numbers.

    Args:
        transformer: The module that owns the weights.
        hidden: Feature map, shape (B, C, h, w).
        context: What cross-attention attends to, shape (B, N, D).
        capture: Whether to return the cross-attention map.
        gradient: Whether that map carries gradient.

    Returns:
        The new feature map (B, C, h, w), and the head-averaged probabilities
        (B, N, h, w) or None.
    """
    height, width = hidden.shape[-2:]
    residual = hidden
    hidden = transformer.norm(hidden)
    # SD1.x projects with a 1x1 convolution, SD2.x with a linear layer.
    if transformer.use_linear_projection:
        hidden = transformer.proj_in(_to_tokens(hidden))  # (B, hw, C)
    else:
        hidden = _to_tokens(transformer.proj_in(hidden))  # (B, hw, C)
    attention_map = None
    for block in transformer.transformer_blocks:
        hidden, attention_map = _run_block(block, hidden, context, capture, gradient)
    if transformer.use_linear_projection:
        hidden = _to_map(transformer.proj_out(hidden), height, width)
    else:
        hidden = transformer.proj_out(_to_map(hidden, height, width))
    if attention_map is not None:
        attention_map = _to_map(attention_map, height, width)  # (B, N, h, w)
    return hidden + residual, attention_map


def _run_block(
    block: BasicTransformerBlock,
    hidden: Tensor,
    context: Tensor,
    capture: bool,
    gradient: bool,
) -> tuple[Tensor, Tensor | None]:
    """Runs self-attention, cross-attention and feed-forward, each with its residual."""
    hidden = hidden + block.attn1(block.norm1(hidden))
    normed = block.norm2(hidden)
    attention_map = None
    if capture:
        attended, attention_map = cross_attention_with_map(
            block.attn2, normed, context, gradient
        )
    else:
        attended = block.attn2(normed, encoder_hidden_states=context)
    hidden = hidden + attended
    return hidden + block.ff(block.norm3(hidden)), attention_map


def _to_tokens(hidden: Tensor) -> Tensor:
    """(B, C, h, w) to (B, hw, C)."""
    return hidden.flatten(2).transpose(1, 2)


def _to_map(hidden: Tensor, height: int, width: int) -> Tensor:
    """(B, hw, C) to (B, C, h, w)."""
    return hidden.transpose(1, 2).unflatten(2, (height, width)).contiguous()
