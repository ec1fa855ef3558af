"""What surrounds the objects of a scene."""

from __future__ import annotations

from dataclasses import dataclass

from ..classes import BACK_CLASS, GROUND_CLASS
from .camera import Camera
from .scene_types import scene_type

# Metric height of an object of unit height, so that a person of medium size is 1.44 m.
METRES = 2.0
# Focal lengths of KITTI's (721 / 375 pixels) and NYUv2's cameras (519 / 480), as
# fractions of the picture's height.
FOCAL = {'outdoor': 1.92, 'indoor': 1.08}


@dataclass(frozen=True)
class Background:
    """Sky over grass, or a wall behind a floor.

    Heights are fractions of the picture's side, y points down.

    Attributes:
        place: ``'outdoor'`` or ``'indoor'``.
        boundary: Height at which the ground begins.
        roll: Amplitude of the hills on that line; zero indoors.
        vanishing: Height of the horizon of the ground plane, above `boundary`.
        back_texture: Texture of sky or wall, see `textures.TEXTURES`.
        back_palette: Index of its palette.
        ground_texture: Texture of grass or floor.
        ground_palette: Index of its palette.
        light: Side the light comes from: -1 left, 1 right.
        seed: Seed of everything random within the textures.
    """

    place: str
    boundary: float
    roll: float
    vanishing: float
    back_texture: str
    back_palette: int
    ground_texture: str
    ground_palette: int
    light: int
    seed: int

    @property
    def back_class(self) -> str:
        """Class of what lies above the boundary."""
        return BACK_CLASS[self.place]

    @property
    def ground_class(self) -> str:
        """Class of what lies below the boundary."""
        return GROUND_CLASS[self.place]

    @property
    def scene_type(self) -> str:
        """Kind of place, one of `scene_types.SCENE_TYPES`."""
        return scene_type(self.back_texture, self.ground_texture, self.ground_palette)

    @property
    def camera(self) -> Camera:
        """The camera; its height is what makes metric sizes agree with `scale`."""
        height = METRES * (1.0 - self.vanishing)
        return Camera(FOCAL[self.place], height, self.vanishing)

    def scale(self, ground: float) -> float:
        """Perspective: size of an object that stands at a height of the picture.

        Args:
            ground: Height of the contact point, below `vanishing`.

        Returns:
            One at the bottom edge, falling linearly to zero at the horizon.
        """
        return (ground - self.vanishing) / (1.0 - self.vanishing)
