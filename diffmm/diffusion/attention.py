"""Cross-attention that also returns its probabilities, on request."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import Attention
from torch import Tensor

STAGES = ('down', 'mid', 'up')
MAX_SIZES = (8, 16, 32, 64)
_REFERENCE_LATENT_SIDE = 64
# With more keys fused attention is as fast, and it keeps no scores.
_MOST_PLAIN_KEYS = 512


@dataclass(frozen=True)
class AttentionRequest:
    """Request of the cross-attention maps that a feature pass returns.

    As in the VPD paper, a size is the side of a map for a 512x512 image: 64, 32, 16 and
    8 stand for strides 8, 16, 32 and 64. A request means the same layers at every image
    size.

    Args:
        stages: Parts of the UNet that contribute, some of ``'down'``, ``'mid'`` and
            ``'up'``. VPD: ``('down', 'up')``; its Table 5 also tries each alone.
        max_size: The largest map, one of 8, 16, 32, 64. VPD's A32 (released default)
            is 32, A64 is 64. ``'mid'`` maps have size 8.
        gradient: Whether the maps carry gradient. The released VPD's do not.

    Raises:
        ValueError: On an unknown stage or size, or when nothing is left to capture.
    """

    stages: tuple[str, ...] = ('down', 'up')
    max_size: int = 32
    gradient: bool = False

    def __post_init__(self) -> None:
        """Validates the request and freezes ``stages`` into a tuple."""
        object.__setattr__(self, 'stages', tuple(self.stages))
        unknown = [stage for stage in self.stages if stage not in STAGES]
        if unknown or not self.stages:
            raise ValueError(
                f'attention stages must be some of {STAGES}, got {self.stages!r}'
            )
        if self.max_size not in MAX_SIZES:
            raise ValueError(
                f'attention max_size must be one of {MAX_SIZES} (the side of a map '
                f'for a 512x512 image), got {self.max_size!r}'
            )
        if self.max_size == 8 and 'mid' not in self.stages:
            raise ValueError(
                f'no cross-attention of stages {self.stages!r} is as small as '
                "max_size=8; add 'mid' or ask for 16, 32 or 64"
            )

    @property
    def levels(self) -> tuple[int, ...]:
        """UNet levels (0 is the latents' own resolution) that get a map."""
        levels = range(3) if {'down', 'up'} & set(self.stages) else ()
        wanted = [i for i in levels if _REFERENCE_LATENT_SIDE >> i <= self.max_size]
        return (*wanted, 3) if 'mid' in self.stages else tuple(wanted)

    def wants(self, stage: str, level: int) -> bool:
        """Tells if the cross-attentions of ``stage`` at ``level`` are captured."""
        return stage in self.stages and level in self.levels


def attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None
) -> Tensor:
    """Computes attention in the faster of two ways.

    That is fused attention, but for training in bfloat16 on a CPU with few keys:
    PyTorch's fused backward pass is two to five times as slow there as plain matrix
    products.

    Args:
        query: Shape (B, h, L, d).
        key: Shape (B, h, N, d).
        value: Shape (B, h, N, d).
        bias: Bias of the scores, broadcast to (B, h, L, N), or None.

    Returns:
        Shape (B, h, L, d).
    """
    if not _is_plain_faster(query, key, value):
        return F.scaled_dot_product_attention(query, key, value, bias)
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)  # (B, h, L, N)
    if bias is not None:
        scores = scores + bias
    return scores.softmax(dim=-1).to(value.dtype) @ value


def _is_plain_faster(query: Tensor, key: Tensor, value: Tensor) -> bool:
    return (
        query.device.type == 'cpu'
        and query.dtype == torch.bfloat16
        and key.shape[-2] <= _MOST_PLAIN_KEYS
        and torch.is_grad_enabled()
        and (query.requires_grad or key.requires_grad or value.requires_grad)
    )


def cross_attention_with_map(
    attention: Attention, hidden: Tensor, context: Tensor, gradient: bool
) -> tuple[Tensor, Tensor]:
    """Runs one cross-attention and returns its probabilities too.

    The output comes from `attend`. The probabilities are computed separately
    from the same queries and keys, so a request for them changes no feature.

    Args:
        attention: A plain cross-attention of a diffusers transformer block.
        hidden: Normalized hidden states, shape (B, HW, C).
        context: What is attended to, shape (B, N, D).
        gradient: Whether the probabilities carry gradient.

    Returns:
        The attention output (B, HW, C) and the probabilities averaged over heads
        (B, HW, N); every row of the latter sums to 1 over the N tokens.
    """
    query = _split_heads(attention.to_q(hidden), attention.heads)  # (B, h, HW, d)
    key = _split_heads(attention.to_k(context), attention.heads)  # (B, h, N, d)
    value = _split_heads(attention.to_v(context), attention.heads)  # (B, h, N, d)
    output = attend(query, key, value)  # (B, h, HW, d)
    output = output.transpose(1, 2).flatten(2)  # (B, HW, C)
    for layer in attention.to_out:
        output = layer(output)
    return output, _mean_probabilities(query, key, gradient)


def attention_probabilities(
    attention: Attention, hidden: Tensor, context: Tensor, gradient: bool
) -> Tensor:
    """Computes the probabilities of an attention, and not its output.

    Args:
        attention: A plain attention of a diffusers transformer block.
        hidden: Normalized hidden states, shape (B, HW, C).
        context: What is attended to: text (B, N, D), or ``hidden`` itself.
        gradient: Whether the probabilities carry gradient.

    Returns:
        The probabilities averaged over heads, (B, HW, N).
    """
    query = _split_heads(attention.to_q(hidden), attention.heads)  # (B, h, HW, d)
    key = _split_heads(attention.to_k(context), attention.heads)  # (B, h, N, d)
    return _mean_probabilities(query, key, gradient)


def _mean_probabilities(query: Tensor, key: Tensor, gradient: bool) -> Tensor:
    """(B, h, HW, d) and (B, h, N, d) to probabilities (B, HW, N)."""
    with torch.set_grad_enabled(gradient and torch.is_grad_enabled()):
        # Half precision may overflow in the plain product. The power of two in the
        # scale comes first: it is exact, so it changes no other result.
        factor, exponent = math.frexp(query.shape[-1] ** -0.5)
        scores = (query * 2.0**exponent) @ key.transpose(-1, -2) * factor
        return scores.float().softmax(dim=-1).mean(dim=1)  # (B, HW, N)


def _split_heads(projected: Tensor, heads: int) -> Tensor:
    """(B, L, heads * d) to (B, heads, L, d)."""
    return projected.unflatten(-1, (heads, -1)).transpose(1, 2)
