"""Outcome of asking whether two objects stand in a relation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """Neither holds where people could disagree.

    Attributes:
        clear: The relation clearly holds.
        excluded: The relation clearly does not hold.
    """

    clear: bool
    excluded: bool
