"""One object class of the mini world."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectClass:
    """What the scene sampler must know about a class of objects.

    Attributes:
        name: ADE20K class name.
        height: Height of a medium-sized object standing at the bottom edge of the
            picture, as a fraction of the picture's side.
        aspect: Width divided by height of the box the object is drawn in.
        places: The kinds of scene it occurs in, from ``'outdoor'`` and ``'indoor'``.
    """

    name: str
    height: float
    aspect: float
    places: tuple[str, ...]
