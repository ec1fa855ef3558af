"""Classes, colors, sizes and textures of the mini world.

Each class has the name, the index and the mask color of a class of ADE20K, so any
reader of ADE20K reads the mini world.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectClass:
    """A class of objects.

    Attributes:
        name: ADE20K class name.
        height: Height of a medium-sized object that stands at the bottom edge of the
            picture, as a fraction of the picture's side.
        aspect: Width divided by height of the object's box.
        places: Where it occurs: ``'outdoor'``, ``'indoor'`` or both.
    """

    name: str
    height: float
    aspect: float
    places: tuple[str, ...]


PLACES = ('outdoor', 'indoor')

# Four classes occur outdoors, four indoors and four anywhere. Half of the scenes are
# outdoors, so `class_weight` gives every class the same share of all objects.
_OUTDOOR = ('outdoor',)
_INDOOR = ('indoor',)

OBJECT_CLASSES = {
    item.name: item
    for item in (
        ObjectClass('tree', 0.80, 0.78, _OUTDOOR),
        ObjectClass('house', 0.66, 1.12, _OUTDOOR),
        ObjectClass('car', 0.36, 2.06, _OUTDOOR),
        ObjectClass('boat', 0.62, 1.10, _OUTDOOR),
        ObjectClass('chair', 0.56, 0.66, _INDOOR),
        ObjectClass('lamp', 0.64, 0.58, _INDOOR),
        ObjectClass('bottle', 0.50, 0.34, _INDOOR),
        ObjectClass('clock', 0.44, 0.86, _INDOOR),
        ObjectClass('person', 0.72, 0.90, PLACES),
        ObjectClass('box', 0.38, 1.21, PLACES),
        ObjectClass('flower', 0.54, 0.60, PLACES),
        ObjectClass('ball', 0.34, 1.00, PLACES),
    )
}

STUFF_CLASSES = ('wall', 'sky', 'floor', 'grass')

# Class of what fills the picture above and below the ground line.
BACK_CLASS = {'outdoor': 'sky', 'indoor': 'wall'}
GROUND_CLASS = {'outdoor': 'grass', 'indoor': 'floor'}

# Index among ADE20K's 150 classes. The annotation files hold this index plus one.
ADE20K_INDEX = {
    'wall': 0,
    'sky': 2,
    'floor': 3,
    'tree': 4,
    'grass': 9,
    'person': 12,
    'chair': 19,
    'car': 20,
    'house': 25,
    'lamp': 36,
    'box': 41,
    'flower': 66,
    'boat': 76,
    'bottle': 98,
    'ball': 119,
    'clock': 148,
}

ADE20K_PALETTE = {
    'wall': (120, 120, 120),
    'sky': (6, 230, 230),
    'floor': (80, 50, 50),
    'tree': (4, 200, 3),
    'grass': (4, 250, 7),
    'person': (150, 5, 61),
    'chair': (204, 70, 3),
    'car': (0, 102, 200),
    'house': (255, 9, 224),
    'lamp': (224, 255, 8),
    'box': (0, 255, 20),
    'flower': (255, 0, 0),
    'boat': (173, 255, 0),
    'bottle': (0, 255, 10),
    'ball': (255, 0, 163),
    'clock': (102, 255, 0),
}

# The 16 classes in ADE20K's order, for `metainfo=dict(classes=MINI_CLASSES)`.
MINI_CLASSES = tuple(sorted(ADE20K_INDEX, key=ADE20K_INDEX.__getitem__))

# Textures of sky and wall, and of grass and floor.
BACK_TEXTURES = {
    'outdoor': ('clear', 'cloudy', 'streaks'),
    'indoor': ('plaster', 'brick', 'wallpaper', 'panels'),
}
GROUND_TEXTURES = {
    'outdoor': ('lawn', 'blades', 'mown'),
    'indoor': ('planks', 'tiles', 'carpet'),
}

_SKY = (
    ((92, 152, 222), (190, 220, 244)),
    ((52, 112, 196), (150, 196, 236)),
    ((120, 132, 176), (248, 198, 158)),
    ((150, 164, 180), (206, 212, 218)),
)
_WALL = (
    ((226, 214, 188), (206, 192, 160)),
    ((178, 198, 214), (156, 178, 198)),
    ((188, 208, 182), (168, 190, 160)),
    ((214, 168, 140), (192, 144, 116)),
    ((196, 194, 198), (174, 172, 178)),
    ((222, 196, 204), (202, 172, 184)),
)
_GRASS = (
    ((104, 166, 70), (84, 146, 56)),
    ((76, 134, 66), (58, 114, 52)),
    ((156, 172, 84), (136, 152, 68)),
    ((96, 158, 104), (76, 136, 86)),
)
_FLOOR = (
    ((190, 150, 104), (168, 128, 84)),
    ((132, 96, 70), (112, 78, 54)),
    ((168, 166, 164), (138, 136, 138)),
    ((206, 192, 170), (180, 164, 142)),
    ((128, 140, 160), (104, 116, 138)),
)
# Pairs of colors, RGB. The second color of bricks is the mortar.
PALETTES = {
    'clear': _SKY,
    'cloudy': _SKY,
    'streaks': _SKY,
    'plaster': _WALL,
    'brick': (
        ((182, 108, 86), (214, 204, 192)),
        ((206, 190, 168), (176, 160, 140)),
        ((150, 144, 146), (190, 188, 188)),
    ),
    'wallpaper': _WALL,
    'panels': _WALL,
    'lawn': _GRASS,
    'blades': _GRASS,
    'mown': _GRASS,
    'planks': _FLOOR,
    'tiles': _FLOOR,
    'carpet': (*_FLOOR[2:], ((160, 108, 108), (140, 90, 92))),
}

# RGB, 0..255.
COLORS = {
    'red': (208, 38, 38),
    'orange': (240, 132, 28),
    'yellow': (242, 208, 44),
    'green': (44, 150, 62),
    'blue': (40, 92, 208),
    'purple': (132, 58, 176),
    'pink': (242, 136, 178),
    'brown': (130, 82, 44),
    'white': (238, 238, 234),
    'black': (42, 42, 48),
}

# Factor on the height of the class.
SIZES = {'small': 0.72, 'medium': 1.0, 'large': 1.35}

TEXTURES = ('plain', 'striped', 'dotted')


def class_weight(name: str, place: str) -> float:
    """Weight of an object class in the scenes of one place.

    Args:
        name: Object class.
        place: ``'outdoor'`` or ``'indoor'``.

    Returns:
        0 where the class does not occur, 2 for a class of one place and 1 for a class
        of both places, so that all classes are equally frequent overall.
    """
    places = OBJECT_CLASSES[name].places
    if place not in places:
        return 0.0
    return len(PLACES) / len(places)
