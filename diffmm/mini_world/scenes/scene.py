"""Scenes: what stands where, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from .background import Background, Camera
from .pose import choose_pose

# Share of its box's width on which an object stands: a person's arms reach farther.
FOOTPRINT = {'person': 0.5}
# How far the middle of an object bulges towards the camera, as a share of its width or
# height, whichever is less.
RELIEF = 0.1


@dataclass(frozen=True)
class SceneObject:
    """An object and its place, independent of the picture's resolution.

    Lengths are fractions of the picture's side, y points down.

    Attributes:
        name: Class, a key of `OBJECT_CLASSES`.
        color: Key of `COLORS`.
        size: Key of `SIZES`.
        texture: One of `TEXTURES`.
        x: Horizontal center.
        ground: Height at which it touches the ground; larger is nearer.
        width: Width of its box.
        height: Height of its box, which ends at `ground`.
        mirrored: Whether it faces left.
        tint: Brightness of this individual's color, a factor near one.
        variation: Three numbers in [0, 1) in which individuals of a class differ.
    """

    name: str
    color: str
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
        """Width of the part that stands on the ground."""
        return self.width * FOOTPRINT.get(self.name, 1.0)

    @property
    def pose(self) -> str | None:
        """Pose of a person, one of `POSES`; None for any other object."""
        return choose_pose(self.variation) if self.name == 'person' else None

    def common_area(self, other: SceneObject) -> float:
        """Area that the boxes of two objects share."""
        left, top, right, bottom = self.box
        other_left, other_top, other_right, other_bottom = other.box
        width = min(right, other_right) - max(left, other_left)
        height = min(bottom, other_bottom) - max(top, other_top)
        return max(width, 0.0) * max(height, 0.0)


@dataclass(frozen=True)
class Scene:
    """Background and objects of one picture.

    Attributes:
        background: What surrounds the objects.
        objects: From the farthest to the nearest; each hides what lies behind it.

    Raises:
        ValueError: The objects are in another order.
    """

    background: Background
    objects: tuple[SceneObject, ...]

    def __post_init__(self) -> None:
        grounds = [item.ground for item in self.objects]
        if grounds != sorted(grounds):
            raise ValueError(
                f'objects must be ordered from far to near, got ground={grounds}; sort '
                f'them by `ground`'
            )

    @property
    def scene_type(self) -> str:
        """Kind of place, one of `SCENE_TYPES`."""
        return self.background.scene_type


def object_depth(camera: Camera, item: SceneObject) -> float:
    """Depth of an object's outline in meters: that of the ground below it."""
    return float(camera.ground_depth(item.ground))


def object_relief(camera: Camera, item: SceneObject) -> float:
    """Distance in meters by which an object's middle is nearer than its outline."""
    side = min(item.width, item.height)
    return RELIEF * camera.meters(side, object_depth(camera, item))


def stand_clear(camera: Camera, far: SceneObject, near: SceneObject) -> bool:
    """Tells if an object lies wholly before another one.

    Args:
        camera: The camera.
        far: The farther object.
        near: The nearer object.

    Returns:
        True if every point of `near` is nearer than every point of `far`, or if their
        boxes do not meet.
    """
    if far.common_area(near) == 0:
        return True
    front = object_depth(camera, far) - object_relief(camera, far)
    return object_depth(camera, near) < front
