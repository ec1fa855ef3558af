"""One pass of the UNet: what its units share, and what they leave behind."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .attention import AttentionRequest
from .spatial_transformer import run_spatial_transformer
from .taps import Taps


class _Unit(NamedTuple):
    """A residual block of a UNet block, and the transformer behind it or None."""

    block: str
    index: int
    resnet: nn.Module
    transformer: nn.Module | None


class DenoisingPass:
    """Inputs that the units of a pass share, and what is read from them.

    Args:
        embedding: Time embedding, (B, E).
        context: What cross-attention attends to, (B, N, D).
        request: Which cross-attention maps to collect, or None.
        wanted: Names of the layers whose outputs to keep.
        last: Layer that the pass stops at; None for a whole pass.

    Attributes:
        outputs: Outputs of the layers by name.
    """

    def __init__(
        self,
        embedding: Tensor,
        context: Tensor,
        request: AttentionRequest | None,
        wanted: Collection[str],
        last: str | None,
    ) -> None:
        self._embedding = embedding
        self._context = context
        self._request = request
        self._wanted = wanted
        self._last = last
        self._sums: dict[int, Tensor] = {}
        self._counts: dict[int, int] = {}
        self.outputs: dict[str, Tensor] = {}
        self._finished = False

    def run_up_to_last(self, unet: UNet2DConditionModel, latents: Tensor) -> Tensor:
        """Runs a UNet up to the last layer of the pass.

        Args:
            unet: The UNet.
            latents: Latents, (B, 4, h, w).

        Returns:
            The last feature map; of no meaning if the pass stops within a transformer.
        """
        # 1. Down: the output of every unit is a skip connection.
        hidden = unet.conv_in(latents)
        skips = [hidden]
        for level, block in enumerate(unet.down_blocks):
            path = f'down_blocks.{level}'
            for unit in _list_units(block, path):
                hidden = self._run(block, unit, hidden, 'down', level)
                if self._finished:
                    return hidden
                skips.append(hidden)
            if block.downsamplers is not None:
                hidden = block.downsamplers[0](hidden)
                skips.append(hidden)
            if self._ends_with(path, hidden):
                return hidden

        # 2. Middle, where there is one: a unit, and a last residual block.
        if unet.mid_block is not None:
            for unit in _list_units(unet.mid_block, 'mid_block'):
                hidden = self._run(unet.mid_block, unit, hidden, 'mid', level)
                if self._finished:
                    return hidden
            if self._ends_with('mid_block', hidden):
                return hidden

        # 3. Up, coarse to fine.
        for index, block in enumerate(unet.up_blocks):
            path = f'up_blocks.{index}'
            for unit in _list_units(block, path):
                hidden = torch.cat([hidden, skips.pop()], dim=1)
                hidden = self._run(block, unit, hidden, 'up', level)
                if self._finished:
                    return hidden
            if level:
                hidden = block.upsamplers[0](hidden)
                level -= 1
            if self._ends_with(path, hidden):
                return hidden
        return hidden

    def attention_maps(self) -> dict[int, Tensor]:
        """Averages the collected maps of each level."""
        return {
            level: self._sums[level] / self._counts[level]
            for level in sorted(self._sums)
        }

    def _run(
        self, block: nn.Module, unit: _Unit, hidden: Tensor, stage: str, level: int
    ) -> Tensor:
        """Runs a residual block and the transformer behind it, if there is one."""
        request = self._request
        capture = request is not None and request.wants(stage, level)
        gradient = capture and request.gradient
        arguments = (unit, hidden, self._embedding, self._context, capture, gradient)
        arguments += (self._wanted, self._last)
        # The flag that diffusers' own `enable_gradient_checkpointing` sets.
        if block.gradient_checkpointing and torch.is_grad_enabled():
            outputs = checkpoint(_run_unit, *arguments, use_reentrant=False)
        else:
            outputs = _run_unit(*arguments)
        hidden, attention_map, found, self._finished = outputs
        self.outputs.update(found)
        if attention_map is not None:
            self._add(level, attention_map)
        return hidden

    def _ends_with(self, name: str, output: Tensor) -> bool:
        """Keeps the output of a UNet block, and tells if nothing behind is needed."""
        if name in self._wanted:
            self.outputs[name] = output
        return name == self._last

    def _add(self, level: int, attention_map: Tensor) -> None:
        self._counts[level] = self._counts.get(level, 0) + 1
        if level in self._sums:
            attention_map = self._sums[level] + attention_map
        self._sums[level] = attention_map


def _list_units(block: nn.Module, path: str) -> list[_Unit]:
    """Lists the units of a UNet block; what no pass reaches may be missing."""
    attentions = getattr(block, 'attentions', ())
    return [
        _Unit(path, i, resnet, attentions[i] if i < len(attentions) else None)
        for i, resnet in enumerate(block.resnets)
    ]


def _run_unit(
    unit: _Unit,
    hidden: Tensor,
    embedding: Tensor,
    context: Tensor,
    capture: bool,
    gradient: bool,
    wanted: Collection[str],
    last: str | None,
) -> tuple[Tensor, Tensor | None, dict[str, Tensor], bool]:
    """Runs a unit; a recomputation in the backward pass fills taps of its own."""
    taps = Taps(wanted, last)
    hidden = unit.resnet(hidden, embedding)
    taps.see(f'{unit.block}.resnets.{unit.index}', hidden)
    if unit.transformer is None or taps.finished:
        return hidden, None, taps.outputs, taps.finished
    path = f'{unit.block}.attentions.{unit.index}'
    hidden, attention_map = run_spatial_transformer(
        unit.transformer, hidden, context, capture, gradient, taps, path
    )
    return hidden, attention_map, taps.outputs, taps.finished
