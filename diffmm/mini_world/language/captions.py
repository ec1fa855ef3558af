"""Captions of a scene."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..classes import OBJECT_CLASSES
from ..scenes.scene import Scene, SceneObject
from .phrases import describable, noun_phrase
from .relations import RELATION_TESTS
from .vocabulary import (
    COUNTS,
    PLURALS,
    RELATIONS,
    STUFF_WORDS,
    STYLE_PHRASES,
    article,
    listed,
    place_words,
)

Rng = np.random.Generator

# Keeps the random stream of captions apart from that of textures.
_STREAM = 1
# Attributes that a description tells, and how often.
_TOLD = (('color',), ('size',), ('size', 'color'), ('texture',))
_TOLD_SHARES = (0.5, 0.15, 0.2, 0.15)


def write_captions(scene: Scene) -> list[str]:
    """Writes captions of a scene.

    A caption tells attributes of at most half of its objects, so that the words for
    classes are learned from classes.

    Args:
        scene: A scene with at least one object.

    Returns:
        Two captions that name every object, the ground, and sky or wall; one that
        counts the classes and names the place; one of a single object; and, where two
        objects have a clear relation, one of that.
    """
    key = (scene.background.seed, _STREAM)
    rng = np.random.default_rng(np.random.SeedSequence(key))
    captions = [_all_then_surroundings(scene, rng), _surroundings_then_all(scene, rng)]
    captions += [_counted(scene, rng), _single(scene, rng)]
    related = _related(scene, rng)
    return captions if related is None else [*captions, related]


def write_plain_caption(scene: Scene) -> str:
    """Writes the caption that a captioner learns: nothing in it is left to chance.

    Args:
        scene: A scene with at least one object.

    Returns:
        The classes in the order of `OBJECT_CLASSES`, counted and without attributes,
        then ground and sky or wall with their textures.
    """
    counts = Counter(item.name for item in scene.objects)
    names = [name for name in OBJECT_CLASSES if name in counts]
    things = listed([_counted_noun(name, counts[name]) for name in names])
    background = scene.background
    joint = 'under' if background.place == 'outdoor' else 'in front of'
    ground = STUFF_WORDS[background.ground_texture]
    back = article(STUFF_WORDS[background.back_texture])
    return f'{things} on the {ground} {joint} {back}'


def name_style(caption: str, style: str) -> str:
    """Says in a caption which style the picture has.

    Args:
        caption: A caption that begins with its objects or its place.
        style: One of `STYLES`.

    Returns:
        The caption in the style's phrase; by day, the caption.
    """
    if style not in STYLE_PHRASES:
        return caption
    return STYLE_PHRASES[style].format(caption.removeprefix('a photo of '))


def _all_then_surroundings(scene: Scene, rng: Rng) -> str:
    return f'{listed(_phrases(scene.objects, rng))} {_surroundings(scene, rng)}'


def _surroundings_then_all(scene: Scene, rng: Rng) -> str:
    verb = 'is' if len(scene.objects) == 1 else 'are'
    things = listed(_phrases(scene.objects, rng))
    return f'{_surroundings(scene, rng)} there {verb} {things}'


def _counted(scene: Scene, rng: Rng) -> str:
    counts = Counter(item.name for item in scene.objects)
    names = [list(counts)[index] for index in rng.permutation(len(counts))]
    things = [_counted_noun(name, counts[name]) for name in names]
    place = article(place_words(scene.scene_type))
    start = ('', 'a photo of ')[rng.integers(2)]
    return f'{start}{place} with {listed(things)}'


def _single(scene: Scene, rng: Rng) -> str:
    item = scene.objects[rng.integers(len(scene.objects))]
    thing = article(noun_phrase(item, pose=True))
    ground = scene.background.ground_class
    place = article(place_words(scene.scene_type))
    return f'{thing} on the {ground} in {place}'


def _related(scene: Scene, rng: Rng) -> str | None:
    """Caption of two objects, each the only one of its class, and their relation."""
    counts = Counter(item.name for item in scene.objects)
    single = [item for item in scene.objects if counts[item.name] == 1]
    found = [
        (first, words, second)
        for first in single
        for second in single
        for name, words in RELATIONS.items()
        if first is not second and RELATION_TESTS[name](first, second).clear
    ]
    if not found:
        return None
    first, words, second = found[rng.integers(len(found))]
    one, other = _phrases((first, second), rng, shuffled=False)
    return f'{one} {words} {other} {_surroundings(scene, rng, brief=True)}'


def _surroundings(scene: Scene, rng: Rng, brief: bool = False) -> str:
    """Ground, and sky or wall; each with its texture in half of the cases."""
    background = scene.background
    ground = background.ground_class
    back = 'the sky' if background.place == 'outdoor' else 'a wall'
    if rng.integers(2):
        ground = STUFF_WORDS[background.ground_texture]
    if rng.integers(2):
        back = article(STUFF_WORDS[background.back_texture])
    if brief:
        return f'on the {ground}'
    joint = 'under' if background.place == 'outdoor' else 'in front of'
    return f'on the {ground} {joint} {back}'


def _phrases(
    items: tuple[SceneObject, ...], rng: Rng, shuffled: bool = True
) -> list[str]:
    """Phrases with articles or counts; at most half of the objects are described.

    Objects that share their class are described first. Undescribed objects of one
    class are counted together.
    """
    counts = Counter(item.name for item in items)
    order = rng.permutation(len(items)).tolist()
    order.sort(key=lambda index: counts[items[index].name] == 1)
    described, bare = order[: len(items) // 2], order[len(items) // 2 :]
    phrases = {
        index: article(noun_phrase(items[index], _told(items[index], rng)))
        for index in described
    }
    for name, count in Counter(items[index].name for index in bare).items():
        first = next(index for index in bare if items[index].name == name)
        phrases[first] = _counted_noun(name, count)
    return [
        phrases[index]
        for index in (rng.permutation(len(items)) if shuffled else range(len(items)))
        if index in phrases
    ]


def _counted_noun(name: str, count: int) -> str:
    return article(name) if count == 1 else f'{COUNTS[count]} {PLURALS[name]}'


def _told(item: SceneObject, rng: Rng) -> tuple[str, ...]:
    wanted = _TOLD[rng.choice(len(_TOLD), p=_TOLD_SHARES)]
    known = tuple(name for name in wanted if name in describable(item))
    return known or ('color',)
