"""Noun phrases for objects."""

from __future__ import annotations

from ..scene.scene_object import SceneObject
from .vocabulary import (
    ANY_OBJECT,
    POSE_AFTER,
    POSE_BEFORE,
    SHIRT,
    SIZE_WORDS,
    TEXTURE_WORDS,
    article,
)


def describable(item: SceneObject) -> tuple[str, ...]:
    """The attributes of an object that have a word, from ``size, colour, texture``."""
    found = ['colour']
    if item.size in SIZE_WORDS:
        found.insert(0, 'size')
    if item.texture in TEXTURE_WORDS:
        found.append('texture')
    return tuple(found)


def noun_phrase(
    item: SceneObject,
    attributes: tuple[str, ...] = (),
    pose: bool = False,
    any_object: bool = False,
) -> str:
    """Names an object, without an article.

    Args:
        item: The object.
        attributes: What to say about it, from `describable`.
        pose: Whether to tell the pose of a person.
        any_object: Say ``object`` in place of the class.

    Returns:
        Such as ``'small striped red box'`` or ``'large person in blue'``.
    """
    size = item.size if 'size' in attributes else ''
    texture = item.texture if 'texture' in attributes else ''
    colour = item.colour if 'colour' in attributes else ''
    if item.name != 'person' or any_object:
        noun = ANY_OBJECT if any_object else item.name
        return _words(size, texture, colour, noun)
    before = POSE_BEFORE.get(item.pose, '') if pose else ''
    after = POSE_AFTER.get(item.pose, '') if pose else ''
    clothes = ''
    if texture:
        clothes = 'in ' + article(_words(texture, colour, SHIRT))
    elif colour:
        clothes = f'in {colour}'
    return _words(size, before, item.name, clothes, after)


def _words(*parts: str) -> str:
    return ' '.join(part for part in parts if part)
