"""A number of a config that does not fit the backbone."""

from __future__ import annotations

from typing import Any


class SwapError(ValueError):
    """A key of a config does not fit the maps that reach it.

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
