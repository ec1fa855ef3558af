"""One object of a scene."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SceneObject:
    """What an object is and where it stands, independent of the picture's resolution.

    Lengths are fractions of the picture's side, y points down.

    Attributes:
        name: Class, a key of `OBJECT_CLASSES`.
        colour: Key of `COLOURS`.
        size: Key of `SIZES`.
        texture: One of `TEXTURES`.
        x: Horizontal centre.
        ground: Height of the point where it touches the ground; larger is nearer.
        width: Width of its box.
        height: Height of its box, which ends at `ground`.
        mirrored: Whether it faces left.
        tint: Brightness of this individual's colour, a factor near one.
        variation: Three numbers in [0, 1) that make individuals of a class differ.
    """

    name: str
    colour: str
    size: str
    texture: str
    x: float
    ground: float
    width: float
    height: float
    mirrored: bool
    tint: float
    variation: tuple[float, float, float]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        half = self.width / 2
        return self.x - half, self.ground - self.height, self.x + half, self.ground
