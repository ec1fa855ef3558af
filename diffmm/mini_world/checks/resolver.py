"""Resolution of referring expressions by the annotations.

It shares only the vocabulary with the writer of the expressions: it parses the words
and measures positions in the masks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from ..language.vocabulary import RELATIONS
from .parsed_phrase import ParsedPhrase


@dataclass(frozen=True)
class MeasuredObject:
    """Extent of an unoccluded mask, in fractions of the picture's side.

    Attributes:
        left: Its left edge.
        right: Its right edge.
        middle: Half-way between the centers of its extent and of its mass.
        bottom: Its lower edge.
    """

    left: float
    right: float
    middle: float
    bottom: float

    @classmethod
    def from_mask(cls, mask: np.ndarray) -> MeasuredObject:
        """Measures a mask.

        Args:
            mask: ``(S, S)`` bool.

        Raises:
            ValueError: The mask is empty.
        """
        rows, columns = np.nonzero(mask)
        if not len(rows):
            raise ValueError('the mask is empty: there is nothing to measure')
        left, right = columns.min(), columns.max() + 1
        # An arm moves the center of the extent, a chair's back the center of mass.
        middle = ((left + right) / 2 + columns.mean() + 0.5) / 2
        extent = (left, right, middle, rows.max() + 1)
        return cls(*(float(value) / len(mask) for value in extent))

    def in_line(self, other: MeasuredObject) -> bool:
        """Tells if a column of the picture crosses both."""
        return self.left < other.right and other.left < self.right


# Distances up to which positions count as equal, in fractions of the picture's side:
# about half of what the writer keeps between them.
SAME_ACROSS, SAME_AHEAD = 0.08, 0.03

Measure = MeasuredObject


def _left(first: Measure, second: Measure) -> bool:
    return second.middle - first.middle > SAME_ACROSS


def _nearer(first: Measure, second: Measure) -> bool:
    return first.bottom - second.bottom > SAME_AHEAD


_RELATIONS: dict[str, Callable[[Measure, Measure], bool]] = {
    'to the left of': _left,
    'to the right of': lambda first, second: _left(second, first),
    'in front of': lambda first, second: (
        first.in_line(second) and _nearer(first, second)
    ),
    'behind': lambda first, second: first.in_line(second) and _nearer(second, first),
}
_POSITIONS: dict[str, Callable[[Measure, Measure], bool]] = {
    'leftmost': _left,
    'rightmost': lambda first, second: _left(second, first),
    'nearest': _nearer,
    'farthest': lambda first, second: _nearer(second, first),
}


class Resolver:
    """Resolver of the expressions of one scene.

    Args:
        rendered: The scene.
    """

    def __init__(self, rendered: RenderedScene) -> None:
        self._objects = rendered.scene.objects
        self._measures = [MeasuredObject.from_mask(mask) for mask in rendered.amodal]

    def resolve(self, text: str) -> list[int]:
        """Finds the objects that an expression describes.

        Args:
            text: ``the PHRASE`` or ``the PHRASE RELATION the PHRASE``.

        Returns:
            Indices into the scene's objects: exactly one if the expression is
            unambiguous.

        Raises:
            ValueError: The text cannot be parsed.
        """
        phrases = ParsedPhrase.find_all(text)
        between = [text[: phrases[0].start]] if phrases else [text]
        between += [
            text[first.end : second.start]
            for first, second in zip(phrases, phrases[1:], strict=False)
        ]
        rest = text[phrases[-1].end :] if phrases else ''
        relation = between[1].strip() if len(phrases) == 2 else None
        known = len(phrases) == 1 or relation in RELATIONS.values()
        if between[0] or rest or not known:
            raise ValueError(f'cannot parse the referring expression {text!r}')
        found = self.described(phrases[0])
        if relation is None:
            return found
        anchors = self.described(phrases[1])
        if len(anchors) != 1:
            return []
        return [index for index in found if self.related(index, relation, anchors[0])]

    def described(self, phrase: ParsedPhrase) -> list[int]:
        """Finds the objects that a noun phrase describes."""
        found = [i for i, item in enumerate(self._objects) if phrase.fits(item)]
        if phrase.position is None:
            return found
        before = _POSITIONS[phrase.position]
        return [
            index
            for index in found
            if all(
                before(self._measures[index], self._measures[other])
                for other in found
                if other != index
            )
        ]

    def related(self, first: int, relation: str, second: int) -> bool:
        """Tells if a relation, in words, holds between two objects."""
        test = _RELATIONS[relation]
        return first != second and test(self._measures[first], self._measures[second])
