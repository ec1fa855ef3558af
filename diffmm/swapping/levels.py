"""Which of the new maps takes the place of which old one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .feature_map import FeatureMap
from .swap_error import SwapError


def nearest_level(index: int, old: Sequence[FeatureMap], new: Sequence[FeatureMap]):
    """Finds the new map whose stride is nearest to that of an old one.

    Among several of that stride the one at the old place is taken, else the last,
    which is the deepest in every host's backbone.

    Args:
        index: Index into ``old``; may be negative.
        old: Maps that the config was written for.
        new: Maps that are there now.

    Returns:
        Index into ``new``, from 0.
    """
    index %= len(old)
    distances = [
        abs(math.log2(each.stride) - math.log2(old[index].stride)) for each in new
    ]
    nearest = [i for i, each in enumerate(distances) if each == min(distances)]
    return index if index in nearest else nearest[-1]


def nearest_levels(
    indices: Sequence[int],
    old: Sequence[FeatureMap],
    new: Sequence[FeatureMap],
    key: str,
) -> list[int]:
    """The same for a head that reads several maps.

    Where two of them would become the same map, they are counted from the finest
    instead: a head for strides 4 to 32 then reads strides 8 to 64.

    Args:
        indices: Indices into ``old``.
        old: Maps that the config was written for.
        new: Maps that are there now.
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
            f'at most {len(new)} levels: that many maps of strides '
            f"{[each.stride for each in new]} are there (or strides='pyramid')",
        )
    return list(range(len(indices)))


def common_channels(maps: Sequence[FeatureMap]) -> int | None:
    """The number of channels that all maps have, or None if they differ."""
    channels = {each.channels for each in maps}
    return channels.pop() if len(channels) == 1 else None
