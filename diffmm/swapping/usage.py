"""Which maps the heads of a config read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .adapt_head import heads_of, walk
from .feature_map import FeatureMap
from .levels import common_channels


def levels_read(model: Mapping, maps: Sequence[FeatureMap]) -> tuple[bool, ...]:
    """Tells for every map whether a head reads it, without a neck between.

    Args:
        model: Config of the model.
        maps: What reaches its heads.

    Returns:
        One flag a map; all are set if no head says what it reads.
    """
    read = [False] * len(maps)
    for key, head in heads_of(model):
        # K-Net's head holds the one that reads the maps.
        inner = [node for _, node in walk(head, key) if 'in_index' in node]
        for node in (head, *inner):
            if 'in_channels' not in node:
                continue
            for level in _levels(node, maps):
                read[level % len(maps)] = True
            if node.get('c1_in_channels'):
                read[0] = True
    return tuple(read) if any(read) else (True,) * len(maps)


def _levels(head: Mapping, maps: Sequence[FeatureMap]) -> Sequence[int]:
    index, number = head.get('in_index'), head['in_channels']
    if isinstance(index, (list, tuple)):
        return index
    if index is not None:
        return [index]
    # One number is that of the last map, unless all maps have it.
    single = isinstance(number, int) and number != common_channels(maps)
    return [-1] if single else range(len(maps))
