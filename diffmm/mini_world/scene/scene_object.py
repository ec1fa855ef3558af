"""One object of a scene."""

from __future__ import annotations

from dataclasses import dataclass

from .pose import choose_pose

# The part of its box's width on which a thing stands: a person's arms reach farther.
FOOTPRINT = {'person': 0.5}


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

    @property
    def footprint(self) -> float:
        """Width of what stands on the ground."""
        return self.width * FOOTPRINT.get(self.name, 1.0)

    @property
    def pose(self) -> str | None:
        """Pose of a person, a key of `POSES`; None for everything else."""
        return choose_pose(self.variation) if self.name == 'person' else None

    def common_area(self, other: SceneObject) -> float:
        """Area that the boxes of two objects share."""
        left, top, right, bottom = self.box
        other_left, other_top, other_right, other_bottom = other.box
        width = min(right, other_right) - max(left, other_left)
        height = min(bottom, other_bottom) - max(top, other_top)
        return max(width, 0.0) * max(height, 0.0)
