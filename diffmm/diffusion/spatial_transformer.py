"""The forward pass of a UNet's spatial transformer, with its attention map."""

from __future__ import annotations

from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.attention_processor import Attention
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from torch import Tensor

from .attention import attention_probabilities, cross_attention_with_map
from .taps import Taps
from .unet_layers import ATTENTION_LAYERS


def run_spatial_transformer(
    transformer: Transformer2DModel,
    hidden: Tensor,
    context: Tensor,
    capture: bool,
    gradient: bool,
    taps: Taps | None = None,
    path: str = '',
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
        taps: Keeps further outputs. The run ends at the last layer of the pass.
        path: Path of the transformer in the UNet, which the names of layers begin with.

    Returns:
        The new feature map (B, C, h, w), and the head-averaged probabilities
        (B, N, h, w) or None. The feature map means nothing if the pass has ended.
    """
    taps = Taps() if taps is None else taps
    height, width = hidden.shape[-2:]
    residual = hidden
    hidden = transformer.norm(hidden)
    # SD1.x projects with a 1x1 convolution, SD2.x with a linear layer.
    if transformer.use_linear_projection:
        hidden = transformer.proj_in(_to_tokens(hidden))  # (B, hw, C)
    else:
        hidden = _to_tokens(transformer.proj_in(hidden))  # (B, hw, C)
    attention_map = None
    for index, block in enumerate(transformer.transformer_blocks):
        layers = _BlockTaps(taps, f'{path}.transformer_blocks.{index}', height, width)
        hidden, attention_map = _run_block(
            block, hidden, context, capture, gradient, layers
        )
    if attention_map is not None:
        attention_map = _to_map(attention_map, height, width)  # (B, N, h, w)
    if taps.finished:
        return residual, attention_map
    if transformer.use_linear_projection:
        hidden = _to_map(transformer.proj_out(hidden), height, width)
    else:
        hidden = transformer.proj_out(_to_map(hidden, height, width))
    hidden = hidden + residual
    taps.see(path, hidden)
    return hidden, attention_map


class _BlockTaps:
    """The taps of one transformer block, which turn tokens into maps."""

    def __init__(self, taps: Taps, path: str, height: int, width: int) -> None:
        self._taps = taps
        self._path = path
        self._size = (height, width)

    @property
    def finished(self) -> bool:
        """Tells if the last layer of the pass was reached."""
        return self._taps.finished

    def ends_with_map(self, name: str) -> bool:
        """Ends the pass if the map of an attention is its last layer, and says so."""
        self._taps.end(f'{self._path}.{name}.map')
        return self.finished

    def see(
        self, block: BasicTransformerBlock, name: str, hidden: Tensor, context: Tensor
    ) -> None:
        """Keeps what is wanted of an attention.

        Args:
            block: The transformer block.
            name: ``'attn1'`` or ``'attn2'``.
            hidden: Normalized hidden states, (B, hw, C).
            context: What the attention attends to.
        """
        attention: Attention = getattr(block, name)
        for part in ATTENTION_LAYERS:
            layer = f'{self._path}.{name}.{part}'
            if self._taps.wants(layer):
                if part == 'map':
                    output = attention_probabilities(attention, hidden, context, True)
                else:
                    output = getattr(attention, part)(hidden)
                self._taps.see(layer, _to_map(output, *self._size))
            if self.finished:
                return


def _run_block(
    block: BasicTransformerBlock,
    hidden: Tensor,
    context: Tensor,
    capture: bool,
    gradient: bool,
    taps: _BlockTaps,
) -> tuple[Tensor, Tensor | None]:
    """Runs self-attention, cross-attention and feed-forward, each with its residual."""
    normed = block.norm1(hidden)
    taps.see(block, 'attn1', normed, normed)
    if taps.finished:
        return hidden, None
    hidden = hidden + block.attn1(normed)
    normed = block.norm2(hidden)
    taps.see(block, 'attn2', normed, context)
    attention_map = None
    if capture and taps.ends_with_map('attn2'):
        attention_map = attention_probabilities(block.attn2, normed, context, gradient)
    if taps.finished:
        return hidden, attention_map
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
