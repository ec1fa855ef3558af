"""Resolves referring expressions on the annotations.

It shares the vocabulary with the writer of the expressions and nothing else: it parses
the words, and measures positions in the masks rather than asking the scene for them.
"""

from __future__ import annotations

from collections.abc import Callable

from ..drawing.rendered_scene import RenderedScene
from .measured_object import MeasuredObject
from .parsed_phrase import ParsedPhrase
from .vocabulary import RELATIONS

# Positions nearer to each other than these, fractions of the picture's side, count as
# equal; about half of what a writer must keep between them.
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
    """Finds what expressions mean in one scene.

    Args:
        rendered: The scene.
    """

    def __init__(self, rendered: RenderedScene) -> None:
        self._objects = rendered.scene.objects
        self._measures = [MeasuredObject.from_mask(mask) for mask in rendered.amodal]

    def resolve(self, text: str) -> list[int]:
        """Objects that an expression describes.

        Args:
            text: ``the PHRASE`` or ``the PHRASE RELATION the PHRASE``.

        Returns:
            Indices into the scene's objects; exactly one where the expression is
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
        """Objects that a noun phrase describes."""
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
        """Whether a relation, in words, holds between two objects."""
        test = _RELATIONS[relation]
        return first != second and test(self._measures[first], self._measures[second])
