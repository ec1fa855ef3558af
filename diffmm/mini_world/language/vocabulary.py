"""All words of captions and referring expressions."""

from __future__ import annotations

from ..classes import COLORS, OBJECT_CLASSES, STUFF_CLASSES, TEXTURES
from ..scenes.background import SCENE_TYPES

PLURALS = {
    'tree': 'trees',
    'house': 'houses',
    'car': 'cars',
    'boat': 'boats',
    'chair': 'chairs',
    'lamp': 'lamps',
    'bottle': 'bottles',
    'clock': 'clocks',
    'person': 'people',
    'box': 'boxes',
    'flower': 'flowers',
    'ball': 'balls',
}
COUNTS = {2: 'two', 3: 'three', 4: 'four', 5: 'five'}
# Replaces the class in an expression that does not tell it.
ANY_OBJECT = 'object'

# Words for sizes and textures; a medium size and a plain texture have none.
SIZE_WORDS = ('small', 'large')
TEXTURE_WORDS = tuple(name for name in TEXTURES if name != 'plain')
# A person's color and texture are those of the shirt.
SHIRT = 'shirt'
# Words before and after ``person``.
POSE_BEFORE = {
    'standing': 'standing',
    'walking': 'walking',
    'waving': 'waving',
    'pointing': 'pointing',
}
POSE_AFTER = {'raising': 'with raised arms', 'akimbo': 'with hands on hips'}

# Phrases for the textures of the surroundings.
STUFF_WORDS = {
    'clear': 'clear sky',
    'cloudy': 'cloudy sky',
    'streaks': 'sky with thin clouds',
    'plaster': 'plain wall',
    'brick': 'brick wall',
    'wallpaper': 'papered wall',
    'panels': 'panelled wall',
    'lawn': 'short grass',
    'blades': 'tall grass',
    'mown': 'mown grass',
    'planks': 'wooden floor',
    'tiles': 'tiled floor',
    'carpet': 'carpeted floor',
}

# Phrases that name the style of a picture around a caption; a picture by day has none.
# Those of night, fog, watercolor and comic are TADP's (code, `text_conditioning`).
STYLE_PHRASES = {
    'night': 'a dark night photo of {}',
    'fog': 'a foggy photo of {}',
    'watercolor': 'a watercolor painting of {}',
    'comic': 'a comic style painting of {}',
    'sketch': 'a sketch of {}',
}

# Relations of two objects: the first one is ... the second one.
RELATIONS = {
    'left': 'to the left of',
    'right': 'to the right of',
    'front': 'in front of',
    'behind': 'behind',
}
# Positions among the objects of one class.
POSITIONS = {
    'leftmost': 'leftmost',
    'rightmost': 'rightmost',
    'nearest': 'nearest',
    'farthest': 'farthest',
}

_PLACE_WORDS = tuple(
    word for names in SCENE_TYPES.values() for name in names for word in name.split('_')
)
_GRAMMAR = ('a', 'an', 'and', 'are', 'in', 'is', 'of', 'on', 'photo', 'the', 'there')
_GRAMMAR += ('under', 'with')

WORDS = frozenset(
    word
    for text in (
        *OBJECT_CLASSES,
        *PLURALS.values(),
        *STUFF_CLASSES,
        *COUNTS.values(),
        ANY_OBJECT,
        *SIZE_WORDS,
        *COLORS,
        *TEXTURE_WORDS,
        SHIRT,
        *POSE_BEFORE.values(),
        *POSE_AFTER.values(),
        *STUFF_WORDS.values(),
        *RELATIONS.values(),
        *POSITIONS.values(),
        *_PLACE_WORDS,
        *_GRAMMAR,
    )
    for word in text.split()
)
# Those that a tagger calls common nouns: of things, places and relations.
NOUNS = frozenset(
    (
        *OBJECT_CLASSES,
        *PLURALS.values(),
        *STUFF_CLASSES,
        ANY_OBJECT,
        SHIRT,
        *_PLACE_WORDS,
        *('arms', 'clouds', 'front', 'hands', 'hips', 'left', 'photo', 'right'),
    )
) - {'living'}


def place_words(scene_type: str) -> str:
    """A scene type as words: ``'living_room'`` becomes ``'living room'``."""
    return scene_type.replace('_', ' ')


def article(text: str) -> str:
    """Puts ``a`` or ``an`` before a phrase."""
    return f'{"an" if text[0] in "aeiou" else "a"} {text}'


def listed(phrases: list[str]) -> str:
    """Joins phrases as ``x, y and z``."""
    if len(phrases) == 1:
        return phrases[0]
    return f'{", ".join(phrases[:-1])} and {phrases[-1]}'
