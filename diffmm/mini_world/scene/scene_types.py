"""Kinds of places, which can be told from ground, wall and sky.

Indoor types are scene names of NYUv2.
"""

from __future__ import annotations

# Palette of the grass textures that is dry.
_DRY_GRASS = 2
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
