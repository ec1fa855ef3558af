"""A noun phrase taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..classes import COLORS, OBJECT_CLASSES
from ..language.vocabulary import (
    ANY_OBJECT,
    COUNTS,
    PLURALS,
    POSE_AFTER,
    POSE_BEFORE,
    POSITIONS,
    SHIRT,
    SIZE_WORDS,
    TEXTURE_WORDS,
)
from ..scenes.scene import SceneObject

_ONE = ('a', 'an', 'the')
_SINGULAR = {plural: name for name, plural in PLURALS.items()}
_NUMBER = {word: number for number, word in COUNTS.items()}
_POSES = {words: pose for pose, words in (*POSE_BEFORE.items(), *POSE_AFTER.items())}


def _group(name: str, words: object) -> str:
    return f'(?P<{name}>{"|".join(words)})'


_PATTERN = re.compile(
    rf'\b{_group("determiner", (*_ONE, *_NUMBER))} '
    rf'(?:{_group("position", POSITIONS)} )?'
    rf'(?:{_group("size", SIZE_WORDS)} )?'
    rf'(?:{_group("before", POSE_BEFORE.values())} )?'
    rf'(?:{_group("texture", TEXTURE_WORDS)} )?'
    rf'(?:{_group("color", COLORS)} )?'
    rf'{_group("noun", (*_SINGULAR, *OBJECT_CLASSES, ANY_OBJECT))}\b'
    rf'(?: in (?:{_group("clothes", COLORS)}\b|a '
    rf'(?:{_group("shirt_texture", TEXTURE_WORDS)} )?'
    rf'(?:{_group("shirt_color", COLORS)} )?{SHIRT}))?'
    rf'(?: {_group("after", POSE_AFTER.values())})?'
)


@dataclass(frozen=True)
class ParsedPhrase:
    """Content of a noun phrase; None for what it does not tell.

    Attributes:
        text: The phrase.
        start: Its first character in the sentence.
        end: The character behind its last one.
        count: Number of objects.
        name: Their class.
        size: Their size.
        color: Their color.
        texture: Their texture.
        pose: The pose of a person.
        position: Their position, such as ``'leftmost'``.
    """

    text: str
    start: int
    end: int
    count: int
    name: str | None
    size: str | None
    color: str | None
    texture: str | None
    pose: str | None
    position: str | None

    @classmethod
    def find_all(cls, sentence: str) -> list[ParsedPhrase]:
        """Finds the noun phrases for objects in a sentence, from left to right."""
        return [cls._from_match(match) for match in _PATTERN.finditer(sentence)]

    @classmethod
    def _from_match(cls, match: re.Match) -> ParsedPhrase:
        said = match.groupdict()
        noun = _SINGULAR.get(said['noun'], said['noun'])
        return cls(
            text=match.group(),
            start=match.start(),
            end=match.end(),
            count=_NUMBER.get(said['determiner'], 1),
            name=None if noun == ANY_OBJECT else noun,
            size=said['size'],
            color=said['color'] or said['clothes'] or said['shirt_color'],
            texture=said['texture'] or said['shirt_texture'],
            pose=_POSES.get(said['before'] or said['after']),
            position=said['position'],
        )

    def fits(self, item: SceneObject) -> bool:
        """Tells if an object has all that the phrase tells, positions aside."""
        told = (
            (self.name, item.name),
            (self.size, item.size),
            (self.color, item.color),
            (self.texture, item.texture),
            (self.pose, item.pose),
        )
        return all(said is None or said == true for said, true in told)
