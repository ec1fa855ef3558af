"""Comparing two configs."""

from __future__ import annotations


def differing_keys(ours: object, theirs: object, prefix: str = '') -> list[str]:
    """Dotted keys of the leaves (and lists) in which two configs differ."""
    if not (isinstance(ours, dict) and isinstance(theirs, dict)):
        return [] if ours == theirs else [prefix]
    keys = []
    for key in set(ours) | set(theirs):
        name = f'{prefix}.{key}' if prefix else key
        keys += differing_keys(ours.get(key), theirs.get(key), name)
    return keys
