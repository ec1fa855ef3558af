"""A scene: what it shows, not yet a picture."""

from __future__ import annotations

from dataclasses import dataclass

from ..language.captions import write_captions
from ..language.expression import Expression
from ..language.expressions import refer
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

    @property
    def scene_type(self) -> str:
        """Kind of place, one of `scene_types.SCENE_TYPES`."""
        return self.background.scene_type

    @property
    def captions(self) -> list[str]:
        """Several captions; the first two name every object."""
        return write_captions(self)

    @property
    def expressions(self) -> list[Expression]:
        """Referring expressions, each of which picks exactly one object."""
        return refer(self)
