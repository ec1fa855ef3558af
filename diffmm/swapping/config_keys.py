"""Keys of a config: the ones that were changed, and one that does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_LENGTH = 60


class SwapError(ValueError):
    """A key of a config that does not fit the maps that reach it.

    Args:
        key: The dotted key.
        has: Its value, or what was found there.
        should: What it should be, or what to do.
    """

    def __init__(self, key: str, has: Any, should: Any) -> None:
        super().__init__(f'{key} has {has}, but should be {should}')
        self.key = key
        self.has = has
        self.should = should


@dataclass(frozen=True)
class Change:
    """A key of a config with its old and its new value.

    Attributes:
        key: The dotted key, with an index for list entries:
            ``model.neck.in_channels``, ``model.decode_head.0.in_index``.
        old: The value before; None if there was none.
        new: The value now; None if the key was deleted.
    """

    key: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f'{self.key}: {_short(self.old)} -> {_short(self.new)}'


class ChangeLog:
    """A writer of config keys that remembers its changes.

    Attributes:
        changes: The changes, in order.
    """

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def set(self, node: dict, key: str, name: str, value: Any) -> None:
        """Sets ``node[name]``. An equal value is no change.

        Args:
            node: The dict to write into.
            key: Its dotted key; empty for the whole config.
            name: The entry to set.
            value: The new value.
        """
        old = node.get(name)
        if name in node and _plain(old) == _plain(value):
            return
        if isinstance(old, tuple) and isinstance(value, list):
            value = tuple(value)  # mmseg's JPU accepts nothing else
        node[name] = value
        self.changes.append(Change(_join(key, name), old, value))

    def delete(self, node: dict, key: str, name: str) -> None:
        """Deletes ``node[name]`` if it exists."""
        if name in node:
            self.changes.append(Change(_join(key, name), node.pop(name), None))


def _join(key: str, name: str) -> str:
    return f'{key}.{name}' if key else name


def _plain(value: Any) -> Any:
    """Turns tuples into lists, which mean the same in a config."""
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _short(value: Any) -> str:
    """Formats a value; a module's config is cut to its type."""
    if isinstance(value, dict) and 'type' in value:
        return f'{value["type"]}({"..." if len(value) > 1 else ""})'
    text = repr(value)
    return text if len(text) <= _LENGTH else f'{text[: _LENGTH - 3]}...'
