"""Objects and scenes made to order."""

from __future__ import annotations

from diffmm.mini_world import Scene, SceneObject
from diffmm.mini_world.classes import OBJECT_CLASSES, SIZES
from diffmm.mini_world.scenes.background import Background

TEXTURES = {'outdoor': ('clear', 'lawn'), 'indoor': ('brick', 'planks')}


def make_background(place: str = 'outdoor', **changes: object) -> Background:
    """A background, outdoors by default."""
    settings = dict(
        place=place,
        boundary=0.4,
        roll=0.0,
        vanishing=0.2,
        back_texture=TEXTURES[place][0],
        back_palette=0,
        ground_texture=TEXTURES[place][1],
        ground_palette=0,
        light=1,
        seed=3,
    )
    return Background(**{**settings, **changes})


def make_item(name: str = 'ball', **changes: object) -> SceneObject:
    """An object whose size in the picture fits the default background."""
    ground, size = changes.get('ground', 0.8), changes.get('size', 'medium')
    kind = OBJECT_CLASSES[name]
    height = kind.height * SIZES[size] * make_background().scale(ground)
    settings = dict(
        name=name,
        color='red',
        size=size,
        texture='plain',
        x=0.5,
        ground=ground,
        width=height * kind.aspect,
        height=height,
        mirrored=False,
        tint=1.0,
        variation=(0.3, 0.4, 0.0),
    )
    return SceneObject(**{**settings, **changes})


def make_scene(*items: SceneObject, place: str = 'outdoor', **changes: object) -> Scene:
    """A scene of given objects, in any order."""
    ordered = tuple(sorted(items, key=lambda one: one.ground))
    return Scene(make_background(place, **changes), ordered)
