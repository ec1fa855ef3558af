"""One change of a config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_LENGTH = 60


@dataclass(frozen=True)
class Change:
    """A key of a config with its old and its new value.

    Attributes:
        key: Dotted, with an index for list entries: ``model.neck.in_channels``,
            ``model.decode_head.0.in_index``.
        old: The value before; None if there was none.
        new: The value now; None if the key is gone.
    """

    key: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f'{self.key}: {_short(self.old)} -> {_short(self.new)}'


def _short(value: Any) -> str:
    """The value; of a module's config only what it is."""
    if isinstance(value, dict) and 'type' in value:
        more = ', ...' if len(value) > 1 else ''
        return f'{value["type"]}({more.lstrip(", ")})'
    text = repr(value)
    return text if len(text) <= _LENGTH else f'{text[: _LENGTH - 3]}...'
