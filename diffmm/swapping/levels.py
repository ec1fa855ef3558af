"""Levels: which maps the heads of a config read, and which new map replaces which."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diffmm.models.backbones import FeatureInfo

from .config_keys import SwapError

Maps = Sequence[FeatureInfo]


def heads_of(model: Mapping) -> Iterator[tuple[str, dict]]:
    """Yields the heads of a model with their dotted keys.

    Args:
        model: Config of a segmentor, detector or pose estimator: ``decode_head``,
            ``auxiliary_head``, ``rpn_head``, ``roi_head``, ``bbox_head``,
            ``panoptic_head``, ``head`` ... each a dict or a list of dicts.
    """
    for name, value in model.items():
        if name == 'head' or name.endswith('_head'):
            several = isinstance(value, (list, tuple))
            for index, node in enumerate(value if several else [value]):
                if isinstance(node, dict):
                    key = f'model.{name}'
                    yield (f'{key}.{index}' if several else key), node


def walk(node: Any, key: str) -> Iterator[tuple[str, dict]]:
    """Yields every dict inside a config, with its dotted key.

    Args:
        node: A dict or list.
        key: Its dotted key.
    """
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in list(entries):
        if isinstance(value, dict):
            yield f'{key}.{name}', value
        if isinstance(value, (dict, list, tuple)):
            yield from walk(value, f'{key}.{name}')


def children_of(node: Mapping, key: str) -> Iterator[tuple[str, dict]]:
    """Yields the dicts directly below a config, also those in lists.

    Args:
        node: Config of a head.
        key: Its dotted key.
    """
    for name, value in node.items():
        entries = {name: value}
        if isinstance(value, (list, tuple)):
            entries = {f'{name}.{index}': each for index, each in enumerate(value)}
        for inner, each in entries.items():
            if isinstance(each, dict):
                yield f'{key}.{inner}', each


def levels_read(model: Mapping, maps: Maps) -> tuple[bool, ...]:
    """Tells for every map whether a head reads it, without a neck in between.

    Args:
        model: Config of the model.
        maps: The maps that reach its heads.

    Returns:
        One flag per map. All are set if no head says what it reads.
    """
    read = [False] * len(maps)
    for key, head in heads_of(model):
        # In K-Net and in pairs of heads, inner heads read the maps.
        readers = [head, *(node for _, node in walk(head, key) if 'in_index' in node)]
        if not any('in_channels' in node for node in readers):
            readers = [node for _, node in children_of(head, key)]
        for node in readers:
            if 'in_channels' not in node:
                continue
            for level in _levels(node, maps):
                read[level % len(maps)] = True
            if node.get('c1_in_channels'):
                read[0] = True
    return tuple(read) if any(read) else (True,) * len(maps)


def _levels(head: Mapping, maps: Maps) -> Sequence[int]:
    index, number = head.get('in_index'), head['in_channels']
    if isinstance(index, (list, tuple)):
        return index
    if index is not None:
        return [index]
    # One number belongs to the last map, unless all maps have that many channels.
    single = isinstance(number, int) and number != common_channels(maps)
    return [-1] if single else range(len(maps))


def nearest_level(index: int, old: Maps, new: Maps) -> int:
    """Finds the new map whose stride is nearest to that of an old one.

    Several maps may share that stride. Then the one at the old place is taken, else the
    last, which is the deepest in every host's backbone.

    Args:
        index: Index into ``old``; may be negative.
        old: Maps that the config was written for.
        new: Maps that take their place.

    Returns:
        Index into ``new``, from 0.
    """
    index %= len(old)
    distances = [
        abs(math.log2(each.stride) - math.log2(old[index].stride)) for each in new
    ]
    nearest = [i for i, each in enumerate(distances) if each == min(distances)]
    return index if index in nearest else nearest[-1]


def nearest_levels(indices: Sequence[int], old: Maps, new: Maps, key: str) -> list[int]:
    """Finds new maps for a head that reads several.

    If two old maps would get the same new one, the new ones are counted from the finest
    instead: a head for strides 4 to 32 then reads strides 8 to 64.

    Args:
        indices: Indices into ``old``.
        old: Maps that the config was written for.
        new: Maps that take their place.
        key: Dotted key of the indices, for messages.

    Returns:
        As many indices into ``new``.

    Raises:
        SwapError: If there are fewer new maps than indices.
    """
    found = [nearest_level(index, old, new) for index in indices]
    if len(set(found)) == len(set(indices)):
        return found
    if len(indices) > len(new):
        raise SwapError(
            key,
            f'{list(indices)}, {len(indices)} levels',
            f'at most {len(new)} levels: the backbone gives maps of strides '
            f"{[each.stride for each in new]}; strides='pyramid' gives more",
        )
    return list(range(len(indices)))


def common_channels(maps: Maps) -> int | None:
    """Returns the number of channels that all maps share, or None if they differ."""
    channels = {each.channels for each in maps}
    return channels.pop() if len(channels) == 1 else None
