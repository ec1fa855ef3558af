"""Vocabulary of the mini world: classes, colours, sizes, textures.

Names, ids and mask colours of the classes are those of ADE20K's 150 classes, so any
reader of ADE20K reads the mini world.
"""

from __future__ import annotations

from .object_class import ObjectClass

PLACES = ('outdoor', 'indoor')

# Four classes live outdoors, four indoors and four anywhere: with as many outdoor
# as indoor scenes, the weights of `class_weight` give every class the same share.
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

# What fills the picture above and below the ground line.
BACK_CLASS = {'outdoor': 'sky', 'indoor': 'wall'}
GROUND_CLASS = {'outdoor': 'grass', 'indoor': 'floor'}

# Index among ADE20K's 150 classes; the annotation files hold this index plus one.
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

# The 16 classes in ADE20K's order; for `metainfo=dict(classes=MINI_CLASSES)`.
MINI_CLASSES = tuple(sorted(ADE20K_INDEX, key=ADE20K_INDEX.__getitem__))

# RGB, 0..255.
COLOURS = {
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
    """Relative frequency of an object class in scenes of one place.

    Args:
        name: Object class.
        place: ``'outdoor'`` or ``'indoor'``.

    Returns:
        Zero where the class does not occur, twice as much for a class of one place
        as for a class of both, so that all classes are equally frequent overall.
    """
    places = OBJECT_CLASSES[name].places
    if place not in places:
        return 0.0
    return len(PLACES) / len(places)
