"""The layers of the UNet by name, and the order in which a pass computes them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from diffusers import UNet2DConditionModel
from torch import nn

PROJECTIONS = ('to_q', 'to_k', 'to_v')
# In the order of computation: the map needs no values.
ATTENTION_LAYERS = ('to_q', 'to_k', 'map', 'to_v')
_NAMES = dict(to_q='query', to_k='key', map='map', to_v='value')


class UNetLayer(NamedTuple):
    """A layer whose output can be a feature map.

    Attributes:
        name: Path of the module in ``diffusers.UNet2DConditionModel``, such as
            ``'up_blocks.1'`` (a block behind its up-sampling),
            ``'up_blocks.1.resnets.0'``, ``'mid_block.attentions.0'`` or
            ``'....transformer_blocks.0.attn1.to_q'``. The map of an attention is
            ``'....attn1.map'`` (self-attention) or ``'....attn2.map'``
            (cross-attention).
        kind: What it is, for a reader.
        level: Halvings between the latents and the map: its stride is 8 << level.
        channels: Channels of the map. None for maps of attention: one for each token
            of the context, or for each position of the map itself.
    """

    name: str
    kind: str
    level: int
    channels: int | None


class Step(NamedTuple):
    """A step of a pass: a module with parameters, a layer, or both.

    Attributes:
        path: Path of the module, or name of the layer.
        is_part: Whether parameters belong to the step alone.
        layer: The layer whose output is ready then.
    """

    path: str
    is_part: bool
    layer: UNetLayer | None = None


def list_steps(unet: UNet2DConditionModel) -> list[Step]:
    """Lists what a pass computes, in its order.

    Args:
        unet: A UNet of Stable Diffusion 1.x or 2.x.

    Returns:
        The steps behind the first convolution and before the output layer.
    """
    return list(_walk(unet))


def last_layer(order: dict[str, int], names: Iterable[str]) -> str:
    """Finds the layer that is computed last.

    Args:
        order: Position of every layer.
        names: Names of layers.
    """
    return max(names, key=order.__getitem__)


def check_names(names: Iterable[str], layers: Iterable[UNetLayer]) -> None:
    """Refuses names of no layer.

    Args:
        names: Names to check.
        layers: The layers that there are.

    Raises:
        ValueError: A name is none of theirs; the message lists them.
    """
    layers = list(layers)
    known = [layer.name for layer in layers]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f'Did you mean {" or ".join(map(repr, close))}? ' if close else ''
            described = ', '.join(map(describe, layers))
            raise ValueError(
                f'this UNet has no layer {name!r}. {hint}Its layers, in the order of '
                f'computation: {described}'
            )


def describe(layer: UNetLayer) -> str:
    """Writes a layer with its channels and stride."""
    channels = 'one channel per ' + ('token' if '.attn2.' in layer.name else 'position')
    if layer.channels is not None:
        channels = f'{layer.channels} channels'
    return f'{layer.name} ({channels}, stride {8 << layer.level})'


def unreached_parts(steps: list[Step], last: str, wanted: Iterable[str]) -> list[str]:
    """Lists the modules that a pass does not use if it stops.

    Args:
        steps: All steps.
        last: The layer that it stops at.
        wanted: All layers that are asked for.

    Returns:
        Paths of modules with parameters.
    """
    paths = [step.path for step in steps]
    behind = steps[paths.index(last) + 1 :]
    unreached = [step.path for step in behind if step.is_part]
    attention, _, end = last.rpartition('.')
    if end in PROJECTIONS or end == 'map':
        used = {
            name.rpartition('.')[2] for name in wanted if name.startswith(attention)
        }
        if 'map' in used:
            used |= {'to_q', 'to_k'}
        others = [f'{attention}.{name}' for name in PROJECTIONS if name not in used]
        unreached += [path for path in others if path not in unreached]
    return unreached


def remove_part(unet: nn.Module, path: str) -> None:
    """Removes a module of a UNet; a list keeps its other entries.

    Args:
        unet: The UNet, changed in place.
        path: Path of the module.
    """
    parent, _, name = path.rpartition('.')
    unet.get_submodule(parent)._modules.pop(name)


def _walk(unet: UNet2DConditionModel) -> Iterator[Step]:
    for level, block in enumerate(unet.down_blocks):
        path = f'down_blocks.{level}'
        yield from _walk_block(block, path, level, 'downsamplers', level + 1)
    if unet.mid_block is not None:
        yield from _walk_block(unet.mid_block, 'mid_block', level, '', level)
    for index, block in enumerate(unet.up_blocks):
        depth = level - index
        yield from _walk_block(
            block, f'up_blocks.{index}', depth, 'upsamplers', depth - 1
        )


def _walk_block(
    block: nn.Module, path: str, level: int, sampling: str, after: int
) -> Iterator[Step]:
    """The units of a block, its change of size to the level ``after``, itself."""
    attentions = getattr(block, 'attentions', ())
    for index, resnet in enumerate(block.resnets):
        name = f'{path}.resnets.{index}'
        channels = resnet.out_channels
        yield Step(name, True, UNetLayer(name, 'residual block', level, channels))
        if index < len(attentions):
            name = f'{path}.attentions.{index}'
            yield from _walk_transformer(attentions[index], name, level, channels)
    if getattr(block, sampling, None) is not None:
        yield Step(f'{path}.{sampling}.0', True)
        level = after
    yield Step(path, False, UNetLayer(path, 'block', level, channels))


def _walk_transformer(
    transformer: nn.Module, path: str, level: int, channels: int
) -> Iterator[Step]:
    yield Step(f'{path}.norm', True)
    yield Step(f'{path}.proj_in', True)
    for index, block in enumerate(transformer.transformer_blocks):
        inner = f'{path}.transformer_blocks.{index}'
        width = block.attn1.to_q.out_features
        for number, kind in ((1, 'self-attention'), (2, 'cross-attention')):
            attention = f'{inner}.attn{number}'
            yield Step(f'{inner}.norm{number}', True)
            for name in ATTENTION_LAYERS:
                layer = UNetLayer(
                    f'{attention}.{name}',
                    f'{_NAMES[name]} of {kind}',
                    level,
                    None if name == 'map' else width,
                )
                # Keys and values of cross-attention belong to words, not to places.
                is_place = number == 1 or name in ('to_q', 'map')
                yield Step(layer.name, name != 'map', layer if is_place else None)
            yield Step(f'{attention}.to_out', True)
        yield Step(f'{inner}.norm3', True)
        yield Step(f'{inner}.ff', True)
    yield Step(f'{path}.proj_out', True)
    yield Step(path, False, UNetLayer(path, 'transformer', level, channels))
