"""Writes the strides of new maps into the config of a head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .feature_map import FeatureMap
from .measuring import find_class
from .recorder import Recorder
from .signature import parameters_of
from .swap_error import SwapError

Maps = Sequence[FeatureMap]

# What the hosts call the strides of the maps that a module reads.
NAMES = ('strides', 'feature_strides', 'featmap_strides', 'point_strides')


def adapt_strides(
    node: dict, key: str, old: Maps, new: Maps, scope: str, recorder: Recorder
) -> None:
    """Writes strides, and what is measured in them.

    ``strides`` of anchor, prior and point generators and of point heads,
    ``featmap_strides`` of RoI extractors, ``feature_strides`` of semantic FPN; FCOS's
    ``regress_ranges`` grow with them and the ``in_featuremap_size`` of SimCC shrinks. A
    default of the class is written out where it was right for the old maps only.

    Args:
        node: Config of a module in a head.
        key: Its dotted key.
        old: Maps that the config was written for.
        new: Maps that reach it now.
        scope: The host.
        recorder: Writes, and remembers what.

    Raises:
        SwapError: If a generator's or extractor's strides are not those of ``old``.
    """
    before, after = ([each.stride for each in maps] for maps in (old, new))
    if before == after:
        return
    arguments = parameters_of(find_class(node.get('type'), scope))
    for name in NAMES:
        has = node.get(name, arguments.get(name))
        if not isinstance(has, (list, tuple)):
            continue
        if _first(has) == before[: len(has)]:
            count = len(after) if len(has) == len(before) else len(has)
            recorder.set(node, key, name, after[:count])
        elif name in node and _reads_maps(node, name):
            raise SwapError(
                f'{key}.{name}',
                list(has),
                f"{before}, the strides of the config's own maps, or it is unclear "
                f"how to write {after}; strides='pyramid' keeps them",
            )
    _adapt_ranges(node, key, before, after, arguments, recorder)
    size = node.get('in_featuremap_size')
    if size is not None:
        scaled = [side * before[-1] // after[-1] for side in size]
        recorder.set(node, key, 'in_featuremap_size', scaled)


def _adapt_ranges(
    node: dict,
    key: str,
    before: list[int],
    after: list[int],
    arguments: dict[str, Any],
    recorder: Recorder,
) -> None:
    """Box sizes that a level is responsible for, proportional to its stride."""
    ranges = node.get('regress_ranges', arguments.get('regress_ranges'))
    if isinstance(ranges, (list, tuple)) and len(ranges) == len(before) == len(after):
        scaled = [
            [_scale(bound, new / old) for bound in bounds]
            for bounds, old, new in zip(ranges, before, after, strict=True)
        ]
        recorder.set(node, key, 'regress_ranges', scaled)


def _scale(bound: float, factor: float) -> float:
    """-1 and 1e8 stand for no bound."""
    return bound if bound < 0 or bound >= 1e8 else bound * factor


def _first(strides: Sequence) -> list:
    """One number a level, also where there are two, for x and y."""
    return [each[0] if isinstance(each, (list, tuple)) else each for each in strides]


def _reads_maps(node: dict, name: str) -> bool:
    return name != 'strides' or str(node.get('type')).endswith('Generator')
