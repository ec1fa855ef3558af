"""Confusers by rules on words, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .phrases import Phrase, find_phrases
from .proposal import Proposer

_PAIRS = (
    ('leftmost', 'rightmost'),
    ('left', 'right'),
    ('nearest', 'farthest'),
    ('closest', 'furthest'),
    ('in front of', 'behind'),
    ('front', 'back'),
    ('top', 'bottom'),
    ('upper', 'lower'),
    ('above', 'below'),
    ('first', 'last'),
    ('small', 'large'),
    ('little', 'big'),
    ('short', 'tall'),
    ('young', 'old'),
    ('light', 'dark'),
    ('white', 'black'),
    ('standing', 'sitting'),
    ('man', 'woman'),
    ('boy', 'girl'),
)
_OPPOSITES = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
_WORD_WITH_OPPOSITE = re.compile(
    rf'\b({"|".join(sorted(_OPPOSITES, key=len, reverse=True))})\b'
)


class RuleProposer(Proposer):
    """Proposes the other things that expression and caption name: the offline default.

    In this order: the expression with a word turned into its opposite ("the leftmost
    car" for "the rightmost car"); the things that it mentions beside its target ("the
    tree" of "the car behind the tree"); the things of the caption; its surroundings
    ("the grass").

    Example:
        >>> rules = RuleProposer()
        >>> caption = 'two cars, a tree and a ball on the short grass under a clear sky'
        >>> rules('the car behind the tree', caption, 3).confusers
        ('the car in front of the tree', 'the tree', 'the ball')
    """

    source = 'rules'

    def candidates(self, text: str, caption: str, count: int) -> Iterator[str]:
        """Guesses by the rules.

        Args:
            text: The expression.
            caption: What the picture shows.
            count: Unused: all that the rules find.

        Yields:
            Noun phrases. None has the target's noun, except for opposites.
        """
        mentioned = find_phrases(text)
        yield from _opposites(text)
        yield from map(str, mentioned[1:])
        known = {phrase.noun for phrase in mentioned}
        seen = [each for each in find_phrases(caption) if each.noun not in known]
        # A stable sort: things stay in the caption's order, surroundings come last.
        yield from map(str, sorted(seen, key=_in_surroundings))


def _opposites(text: str) -> Iterator[str]:
    """One opposite for each word that has one."""
    for match in _WORD_WITH_OPPOSITE.finditer(text.lower()):
        opposite = _OPPOSITES[match.group(1)]
        yield text[: match.start()] + opposite + text[match.end() :]


def _in_surroundings(phrase: Phrase) -> bool:
    return phrase.surroundings
