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
    return (part for _, part in walk_by_name(config))


def walk_by_name(config: Any, name: str = '') -> Iterator[tuple[str, Any]]:
    """Yields what `walk` does, each with its dotted name.

    Args:
        config: Nested dicts, lists and tuples.
        name: That of the config itself.

    Example:
        >>> list(walk_by_name(dict(a=[1, 'b'])))
        [('', {'a': [1, 'b']}), ('a', [1, 'b']), ('a.0', 1), ('a.1', 'b')]
    """
    yield name, config
    if isinstance(config, Mapping):
        items = list(config.items())
    else:
        items = list(enumerate(config)) if isinstance(config, (list, tuple)) else []
    for key, part in items:
        yield from walk_by_name(part, f'{name}.{key}' if name else str(key))
