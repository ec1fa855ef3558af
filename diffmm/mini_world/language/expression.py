"""A referring expression."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expression:
    """Words that pick one object of a scene.

    Attributes:
        text: The words.
        object_index: Index of the object in `Scene.objects`.
        kind: What is needed to resolve it: ``'class'``, ``'attribute'`` (colour, size
            or texture), ``'position'`` or ``'relation'``.
    """

    text: str
    object_index: int
    kind: str
