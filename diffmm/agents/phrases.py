"""The things that a caption or an expression names, found by rules on its words.

No tagger is needed, so this works without a download. A phrase ends at every word that
cannot stand before a noun: articles, prepositions, verbs. Its last word is its noun.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from diffmm.utils.nouns import singular

_ARTICLES = frozenset('a an the this that these those some its his her their'.split())
# What stands behind them is where a thing is, not the thing.
_PLACES = frozenset(
    'on in at by under over above below behind beside besides between near next into '
    'onto off along across around against through'.split()
)
_VERBS = frozenset('is are was were be been has have had there here'.split())
# Further words that end a phrase. "left" and the like are places here, not things.
_JOINTS = frozenset(
    'and or but with without of to from for front left right top bottom side middle '
    'center edge corner background foreground it he she they who which while as like '
    'up down out group pair couple bunch row lot lots kind type part piece photo '
    'picture image'.split()
)
# Words before a noun; alone they name nothing.
_DESCRIBING = frozenset(
    'red orange yellow green blue purple pink brown black white gray golden '
    'silver dark light bright small large big little tiny huge tall short long wide '
    'young old new other another same different one two three four five six seven '
    'eight nine ten many several few all both each every no more most very only '
    'leftmost rightmost nearest farthest closest furthest first second third last '
    'upper lower near far whole half standing sitting '
    'clear cloudy plain wooden brick mown thin'.split()
)
_COUNTS = frozenset(
    'one two three four five six seven eight nine ten many several few all both each '
    'every no more most very only'.split()
)
# Nouns whose ending looks like a verb's.
_NOUNS_IN_ING = frozenset(
    'building ceiling clothing painting railing thing wing ring king string awning '
    'pudding frosting icing stuffing drawing'.split()
)
_NOUNS_IN_ED = frozenset('bed shed sled weed seed reed bobsled'.split())


class Phrase(NamedTuple):
    """A thing that a text names.

    Attributes:
        words: Its words, lower-case, without articles; the last one is in the singular.
        surroundings: It stands behind a preposition, as "grass" in "on the grass".
        several: The text speaks of more than one.
    """

    words: tuple[str, ...]
    surroundings: bool = False
    several: bool = False

    @property
    def noun(self) -> str:
        """The noun, in the singular."""
        return self.words[-1]

    def __str__(self) -> str:
        """Returns the phrase with its article, as expressions have it."""
        return 'the ' + ' '.join(self.words)


def find_phrases(text: str) -> list[Phrase]:
    """Finds the things that a text names.

    Args:
        text: A caption or an expression in English.

    Returns:
        Each noun once, in the order of the text.
    """
    found: dict[str, Phrase] = {}
    words: list[str] = []
    behind = False
    for token in [*_tokens(text), '.']:
        if not _ends_phrase(token):
            words.append(token)
            continue
        if phrase := _phrase(words, behind):
            found.setdefault(phrase.noun, phrase)
        words = []
        if token in _PLACES:
            behind = True
        elif token in _VERBS or token == '.':
            behind = False
    return list(found.values())


def content_words(text: str) -> frozenset[str]:
    """Finds the words of a text that say which thing is meant.

    Args:
        text: An expression.

    Returns:
        All words but articles and the like, nouns in the singular.
    """
    idle = _ARTICLES | {'of', 'is', 'are', 'to', 'in', 'with', 'there', '.', ','}
    return frozenset(singular(word) for word in _tokens(text) if word not in idle)


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z][a-z'-]*|[.,;:!?]", text.lower())


def _ends_phrase(token: str) -> bool:
    if not token[0].isalpha() or token in _ARTICLES | _PLACES | _VERBS | _JOINTS:
        return True
    if token in _DESCRIBING:
        return False
    verb = token.endswith('ing') and token not in _NOUNS_IN_ING
    return verb or (token.endswith('ed') and token not in _NOUNS_IN_ED)


def _phrase(words: list[str], behind: bool) -> Phrase | None:
    while words and words[-1] in _DESCRIBING:
        words = words[:-1]
    if not words:
        return None
    noun = singular(words[-1])
    kept = [word for word in words[:-1] if word not in _COUNTS]
    return Phrase((*kept, noun), behind, noun != words[-1])
