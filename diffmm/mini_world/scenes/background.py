"""The surroundings of a scene, and the camera that sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..classes import BACK_CLASS, GROUND_CLASS

# Index of the palette of dry grass.
_DRY_GRASS = 2
# Kinds of places: outdoors by grass, indoors by wall and floor (scene names of NYUv2).
_OUTDOOR = {'mown': 'park', 'lawn': 'garden', 'blades': 'meadow'}
_INDOOR = {
    ('plaster', 'tiles'): 'kitchen',
    ('wallpaper', 'tiles'): 'kitchen',
    ('panels', 'tiles'): 'bathroom',
    ('plaster', 'planks'): 'living_room',
    ('wallpaper', 'planks'): 'living_room',
    ('panels', 'planks'): 'study',
    ('plaster', 'carpet'): 'office',
    ('panels', 'carpet'): 'office',
    ('wallpaper', 'carpet'): 'bedroom',
    ('brick', 'tiles'): 'basement',
    ('brick', 'planks'): 'basement',
    ('brick', 'carpet'): 'basement',
}

SCENE_TYPES = {
    'outdoor': (*_OUTDOOR.values(), 'field'),
    'indoor': tuple(dict.fromkeys(_INDOOR.values())),
}


def scene_type(back_texture: str, ground_texture: str, ground_palette: int) -> str:
    """Names the place.

    Args:
        back_texture: Texture of sky or wall.
        ground_texture: Texture of grass or floor.
        ground_palette: Index of its palette.

    Returns:
        One of `SCENE_TYPES`.
    """
    if ground_texture not in _OUTDOOR:
        return _INDOOR[back_texture, ground_texture]
    if ground_palette == _DRY_GRASS:
        return 'field'
    return _OUTDOOR[ground_texture]


@dataclass(frozen=True)
class Camera:
    """A level camera above flat ground.

    Attributes:
        focal: Focal length as a fraction of the picture's side.
        height: Height above the ground in meters.
        horizon: Height of the horizon in the picture, a fraction, y points down.
    """

    focal: float
    height: float
    horizon: float

    def ground_depth(self, y: float | np.ndarray) -> float | np.ndarray:
        """Depth of the ground in meters.

        Args:
            y: Heights in the picture below the horizon, fractions.
        """
        return self.focal * self.height / (y - self.horizon)

    def meters(self, length: float, depth: float) -> float:
        """Length in meters of something upright.

        Args:
            length: Length in the picture, a fraction of its side.
            depth: Its depth in meters.
        """
        return length * depth / self.focal


# Height in meters of an object of unit height: a person of medium size is 1.44 m tall.
METERS = 2.0
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
        vanishing: Height of the horizon, above `boundary`.
        back_texture: Texture of sky or wall, of `BACK_TEXTURES`.
        back_palette: Index of its palette in `PALETTES`.
        ground_texture: Texture of grass or floor, of `GROUND_TEXTURES`.
        ground_palette: Index of its palette.
        light: Side that the light comes from: -1 left, 1 right.
        seed: Seed of what is random in textures, styles and captions.
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
        """Class above the boundary: sky or wall."""
        return BACK_CLASS[self.place]

    @property
    def ground_class(self) -> str:
        """Class below the boundary: grass or floor."""
        return GROUND_CLASS[self.place]

    @property
    def scene_type(self) -> str:
        """Kind of place, one of `SCENE_TYPES`."""
        return scene_type(self.back_texture, self.ground_texture, self.ground_palette)

    @property
    def camera(self) -> Camera:
        """The camera, at the height at which meters agree with `scale`."""
        height = METERS * (1.0 - self.vanishing)
        return Camera(FOCAL[self.place], height, self.vanishing)

    def scale(self, ground: float) -> float:
        """Size of an object in perspective.

        Args:
            ground: Height in the picture at which it stands, below `vanishing`.

        Returns:
            1 at the bottom edge, falling linearly to 0 at the horizon.
        """
        return (ground - self.vanishing) / (1.0 - self.vanishing)
