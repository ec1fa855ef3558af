"""Words of texts, without case, spaces and punctuation."""

from __future__ import annotations

import string

_NO_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, ' '))


def words_of(text: str) -> list[str]:
    """Splits a text into words, without case and punctuation.

    Example:
        >>> words_of(' The red ball. ')
        ['the', 'red', 'ball']
        >>> words_of('?!')
        []
    """
    return text.casefold().translate(_NO_PUNCTUATION).split()


def says_same(text: str, other: str) -> bool:
    """Tells if two texts differ in case, spaces and punctuation at most."""
    return words_of(text) == words_of(other)
