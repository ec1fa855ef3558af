"""Writes the channels of new maps into the config of a neck or head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .feature_map import FeatureMap
from .levels import common_channels, nearest_level, nearest_levels
from .measuring import find_class
from .recorder import Recorder
from .signature import parameters_of
from .swap_error import SwapError

Maps = Sequence[FeatureMap]


def adapt_channels(
    node: dict, key: str, old: Maps, new: Maps, scope: str, recorder: Recorder
) -> None:
    """Writes ``in_channels``, ``in_index`` and their like.

    What an entry means follows from its class's arguments and from the old numbers: a
    list has the channels of all maps (or of those in ``in_index``), a number those of
    the map at ``in_index``, of every map where all are equal, or of the last one.

    Args:
        node: Config of a module that reads the maps.
        key: Its dotted key.
        old: Maps that the config was written for.
        new: Maps that reach it now.
        scope: The host.
        recorder: Writes, and remembers what.

    Raises:
        SwapError: If ``in_channels`` does not fit ``old``, or needs more maps than
            ``new`` has.
    """
    arguments = parameters_of(find_class(node.get('type'), scope))
    has = node.get('in_channels')
    # A head without a convolution of its own classifies the map itself.
    same = (
        node.get('num_convs') == 0 and has is not None and node.get('channels') == has
    )
    if isinstance(has, (list, tuple)):
        _adapt_list(node, key, old, new, arguments, recorder)
    elif has is not None and 'in_index' in arguments:
        _adapt_indexed(node, key, old, new, arguments, recorder)
    elif has is not None:
        _adapt_number(node, key, old, new, recorder)
    if same:
        recorder.set(node, key, 'channels', node['in_channels'])
    # DeepLabV3+ reads the first map too, BEiT's and ViT's pyramids name theirs so.
    for name, level in (('c1_in_channels', 0), ('embed_dim', -1)):
        if node.get(name) in (None, 0) or name not in arguments:
            continue
        if node[name] == old[level].channels:
            recorder.set(node, key, name, new[level].channels)


def _adapt_list(
    node: dict, key: str, old: Maps, new: Maps, arguments: dict, recorder: Recorder
) -> None:
    has, indices = list(node['in_channels']), node.get('in_index')
    if isinstance(indices, (list, tuple)):
        _require(key, has, [old[i].channels for i in indices])
        chosen = nearest_levels(indices, old, new, f'{key}.in_index')
        recorder.set(node, key, 'in_index', chosen)
        numbers = [new[i].channels for i in chosen]
    else:
        numbers = [each.channels for each in new]
        if _reversed(has, old):  # YOLOv3's neck counts from the coarsest
            numbers = numbers[::-1]
        else:
            _require(key, has, [each.channels for each in old])
    recorder.set(node, key, 'in_channels', numbers)


def _adapt_indexed(
    node: dict, key: str, old: Maps, new: Maps, arguments: dict, recorder: Recorder
) -> None:
    default = arguments['in_index']
    index = node.get('in_index', default if isinstance(default, int) else -1)
    if not -len(old) <= index < len(old):
        raise SwapError(f'{key}.in_index', index, f'below {len(old)}')
    _require(key, node['in_channels'], old[index].channels)
    chosen = nearest_level(index, old, new)
    if index % len(new) != chosen or index >= len(new) or index < -len(new):
        recorder.set(node, key, 'in_index', chosen)
    recorder.set(node, key, 'in_channels', new[chosen].channels)


def _adapt_number(
    node: dict, key: str, old: Maps, new: Maps, recorder: Recorder
) -> None:
    has = node['in_channels']
    if has == common_channels(old):
        number = common_channels(new)
        if number is None:
            raise SwapError(
                f'{key}.in_channels',
                has,
                f'one number for all maps, which have '
                f'{[each.channels for each in new]} channels; add a neck such as FPN',
            )
    else:
        _require(key, has, old[-1].channels)
        number = new[-1].channels
    recorder.set(node, key, 'in_channels', number)


def _require(key: str, has: Any, expected: Any) -> None:
    if has != expected:
        raise SwapError(
            f'{key}.in_channels',
            has,
            f"{expected}, which is what the config's own backbone and neck give",
        )


def _reversed(has: list, old: Maps) -> bool:
    channels = [each.channels for each in old]
    return has != channels and has == channels[::-1]
