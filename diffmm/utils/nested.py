"""A walk through nested configs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def walk(config: Any) -> Iterator[Any]:
    """Yields a config and everything in it, dicts before what they hold.

    Args:
        config: Nested dicts, lists and tuples.

    Example:
        >>> list(walk(dict(a=[1, 'b'])))
        [{'a': [1, 'b']}, [1, 'b'], 1, 'b']
    """
    yield config
    if isinstance(config, Mapping):
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for item in config:
            yield from walk(item)
