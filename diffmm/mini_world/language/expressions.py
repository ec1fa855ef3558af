"""Referring expressions: all short ones that pick exactly one object."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ..scenes.scene import Scene, SceneObject
from .phrases import describable, noun_phrase
from .relations import POSITION_TESTS, RELATION_TESTS
from .vocabulary import POSITIONS, RELATIONS

_ATTRIBUTES = ('color', 'size', 'texture')


@dataclass(frozen=True)
class Expression:
    """A phrase that picks one object of a scene.

    Attributes:
        text: The phrase.
        object_index: Index of the object in `Scene.objects`.
        kind: What it tells: ``'class'``, ``'attribute'`` (color, size or texture),
            ``'position'`` or ``'relation'``.
    """

    text: str
    object_index: int
    kind: str


def refer(scene: Scene) -> list[Expression]:
    """Writes all referring expressions of a scene.

    No word is idle: with fewer attributes an expression would be ambiguous, and it
    tells a position or a relation only if the class alone would be ambiguous. It tells
    nothing that people could dispute, such as a relation of two objects at almost the
    same place.

    Args:
        scene: The scene.

    Returns:
        The expressions, ordered by object. An object that nothing sets apart clearly
        has none.
    """
    found = []
    for index, item in enumerate(scene.objects):
        others = [other for other in scene.objects if other is not item]
        texts = [*_plain(item, others), *_positions(item, others)]
        texts += _relations(item, others)
        found += [Expression(text, index, kind) for kind, text in texts]
    return found


def expression_kind(text: str) -> str:
    """Tells the kind of an expression that `refer` wrote.

    Args:
        text: The phrase, or what a data set made of it: words in lower case.

    Returns:
        As `Expression.kind`.
    """
    if any(f' {words} ' in text for words in RELATIONS.values()):
        return 'relation'
    _, first, *rest = text.split()
    if first in POSITIONS.values():
        return 'position'
    return 'attribute' if rest else 'class'


def _plain(item: SceneObject, others: list[SceneObject]) -> Iterator[tuple[str, str]]:
    """Expressions by class and attributes, and by attributes alone."""
    for any_object in (False, True):
        rivals = others if any_object else _same_class(item, others)
        for attributes in _minimal(item, rivals):
            text = noun_phrase(item, attributes, any_object=any_object)
            if attributes or not any_object:
                yield 'attribute' if attributes else 'class', f'the {text}'


def _positions(
    item: SceneObject, others: list[SceneObject]
) -> Iterator[tuple[str, str]]:
    """Expressions by the position among the objects of the class."""
    rivals = _same_class(item, others)
    for name, test in POSITION_TESTS.items():
        if rivals and all(test(item, other).clear for other in rivals):
            yield 'position', f'the {POSITIONS[name]} {item.name}'


def _relations(
    item: SceneObject, others: list[SceneObject]
) -> Iterator[tuple[str, str]]:
    """Expressions by the relation to another object, with and without the class."""
    for anchor in others:
        rest = [other for other in others if other is not anchor]
        name = _shortest_name(anchor, [*rest, item])
        if name is None:
            continue
        for relation, test in RELATION_TESTS.items():
            if not test(item, anchor).clear:
                continue
            for any_object in (False, True):
                rivals = rest if any_object else _same_class(item, rest)
                # Without a rival of its class, the class alone is enough.
                if (rivals or any_object) and all(
                    test(other, anchor).excluded for other in rivals
                ):
                    noun = noun_phrase(item, any_object=any_object)
                    yield 'relation', f'the {noun} {RELATIONS[relation]} the {name}'


def _shortest_name(item: SceneObject, others: list[SceneObject]) -> str | None:
    """Shortest noun phrase that names one object, or None."""
    for attributes in _minimal(item, _same_class(item, others)):
        return noun_phrase(item, attributes)
    return None


def _minimal(item: SceneObject, rivals: list[SceneObject]) -> Iterator[tuple[str, ...]]:
    """Smallest sets of attributes that no rival shares, smaller ones first."""
    kept: list[tuple[str, ...]] = []
    known = [name for name in _ATTRIBUTES if name in describable(item)]
    for count in range(len(known) + 1):
        for attributes in itertools.combinations(known, count):
            if any(set(shorter) <= set(attributes) for shorter in kept):
                continue
            if all(_differ(item, rival, attributes) for rival in rivals):
                kept.append(attributes)
                yield attributes


def _differ(item: SceneObject, rival: SceneObject, attributes: tuple[str, ...]) -> bool:
    """Tells if a rival clearly lacks one of the attributes."""
    for name in attributes:
        if getattr(item, name) == getattr(rival, name):
            continue
        if name != 'size' or _size_shows(item, rival):
            return True
    return False


def _size_shows(item: SceneObject, rival: SceneObject) -> bool:
    """Tells if the larger object is also larger in the picture."""
    if item.name != rival.name:
        return False
    if item.size == 'large':
        return item.height > rival.height
    return item.height < rival.height


def _same_class(item: SceneObject, others: list[SceneObject]) -> list[SceneObject]:
    return [other for other in others if other.name == item.name]
