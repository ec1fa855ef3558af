"""Noun phrases for objects."""

from __future__ import annotations

from ..scenes.scene import SceneObject
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
    """Attributes of an object that have a word: of ``size``, ``color``, ``texture``."""
    found = ['color']
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
        attributes: Attributes to tell, of `describable`.
        pose: Tells the pose of a person.
        any_object: Says ``object`` instead of the class.

    Returns:
        Such as ``'small striped red box'`` or ``'large person in blue'``.
    """
    size = item.size if 'size' in attributes else ''
    texture = item.texture if 'texture' in attributes else ''
    color = item.color if 'color' in attributes else ''
    if item.name != 'person' or any_object:
        noun = ANY_OBJECT if any_object else item.name
        return _words(size, texture, color, noun)
    before = POSE_BEFORE.get(item.pose, '') if pose else ''
    after = POSE_AFTER.get(item.pose, '') if pose else ''
    clothes = ''
    if texture:
        clothes = 'in ' + article(_words(texture, color, SHIRT))
    elif color:
        clothes = f'in {color}'
    return _words(size, before, item.name, clothes, after)


def _words(*parts: str) -> str:
    return ' '.join(part for part in parts if part)
