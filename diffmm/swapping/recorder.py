"""Writing into a config, and remembering what was written."""

from __future__ import annotations

from typing import Any

from .change import Change


class Recorder:
    """Sets and deletes keys of a nested config.

    Attributes:
        changes: What it changed, in order.
    """

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def set(self, node: dict, key: str, name: str, value: Any) -> None:
        """Sets ``node[name]``; a value that stays is no change.

        Args:
            node: The dict to write into.
            key: Its dotted key; empty for the whole config.
            name: Entry of it.
            value: The new value.
        """
        old = node.get(name)
        if name in node and _plain(old) == _plain(value):
            return
        if isinstance(old, tuple) and isinstance(value, list):
            value = tuple(value)  # some hosts insist
        node[name] = value
        self.changes.append(Change(_join(key, name), old, value))

    def delete(self, node: dict, key: str, name: str) -> None:
        """Deletes ``node[name]`` if it is there."""
        if name in node:
            self.changes.append(Change(_join(key, name), node.pop(name), None))


def _join(key: str, name: str) -> str:
    return f'{key}.{name}' if key else name


def _plain(value: Any) -> Any:
    """Lists and tuples are the same to a config."""
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
