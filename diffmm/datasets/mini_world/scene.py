"""A scene: what it shows, not yet a picture."""

from __future__ import annotations

from dataclasses import dataclass

from .background import Background
from .scene_object import SceneObject


@dataclass(frozen=True)
class Scene:
    """Background and objects of one picture.

    Attributes:
        background: What surrounds the objects.
        objects: From the farthest to the nearest; each hides what lies behind it.
    """

    background: Background
    objects: tuple[SceneObject, ...]

    def __post_init__(self) -> None:
        grounds = [item.ground for item in self.objects]
        if grounds != sorted(grounds):
            raise ValueError(
                f'objects must be ordered from far to near, but touch the ground at '
                f'{grounds}; sort them by `ground`'
            )
