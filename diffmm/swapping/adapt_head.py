"""Adapts the config of a head to other maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .adapt_channels import adapt_channels
from .adapt_strides import adapt_strides
from .feature_map import FeatureMap
from .levels import common_channels
from .measuring import find_class
from .recorder import Recorder
from .signature import parameters_of
from .swap_error import SwapError

Maps = Sequence[FeatureMap]


def heads_of(model: dict) -> Iterator[tuple[str, dict]]:
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


def adapt_head(
    node: dict, key: str, old: Maps, new: Maps, scope: str, recorder: Recorder
) -> None:
    """Writes channels and strides into a head and the modules inside it.

    Args:
        node: Config of the head.
        key: Its dotted key.
        old: Maps that the config was written for.
        new: Maps that reach it now.
        scope: The host.
        recorder: Writes, and remembers what.

    Raises:
        SwapError: If a number cannot be placed.
    """
    if list(old) == list(new):
        return
    adapt_channels(node, key, old, new, scope, recorder)
    for inner_key, inner in (*walk(node, key), (key, node)):
        if inner is not node:
            _adapt_inner(inner, inner_key, old, new, scope, recorder)
        adapt_strides(inner, inner_key, old, new, scope, recorder)


def _adapt_inner(
    node: dict, key: str, old: Maps, new: Maps, scope: str, recorder: Recorder
) -> None:
    """Channels of a module inside a head, most of which read no maps."""
    if key.endswith('.shared_head'):
        raise SwapError(
            key,
            f'{node.get("type")}, which continues the stages of the old backbone',
            'absent: choose a config whose RoI head reads a neck (FPN)',
        )
    arguments = parameters_of(find_class(node.get('type'), scope))
    if 'in_index' in arguments and 'in_channels' in node:
        adapt_channels(node, key, old, new, scope, recorder)
        return
    before, after = common_channels(old), common_channels(new)
    if '.roi_head.' not in key or before == after:
        return
    # RoI heads read what the extractor cut out of the maps.
    name = 'out_channels' if 'featmap_strides' in node else 'in_channels'
    if before is not None and node.get(name) == before:
        if after is None:
            raise SwapError(
                f'{key}.{name}',
                before,
                f'one number for all maps, which have '
                f'{[each.channels for each in new]} channels; add a neck such as FPN',
            )
        recorder.set(node, key, name, after)


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
