"""Nouns of texts: their numbers, and the classes that a text mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_SINGULARS = dict(
    people='person', men='man', women='woman', children='child', feet='foot',
    teeth='tooth', geese='goose', mice='mouse', knives='knife', leaves='leaf',
    shelves='shelf', wolves='wolf', loaves='loaf', halves='half', calves='calf',
    scarves='scarf', buses='bus', oxen='ox',
)  # fmt: skip
_PLURALS = {one: many for many, one in _SINGULARS.items()}
# They end like one of these, and are no compound of it as "snowman" is.
_NO_COMPOUNDS = frozenset(
    'brahman caiman cayman german human norman ottoman roman shaman talisman mongoose '
    'abdomen acumen albumen amen bitumen carmen cyclamen dolmen foramen hymen lumen '
    'omen ramen regimen semen specimen stamen yemen abuses cleaves interleaves '
    'pumice'.split()
)
# Endings in s of the singular.
_SINGULAR_IN_S = ('ss', 'us', 'is', 'lens', 'grass')


def singular(word: str) -> str:
    """Finds the singular of a noun, by its ending.

    Args:
        word: A lower-case word.

    Returns:
        The singular; the word itself where its ending is of no plural.
    """
    if other := _irregular(word, _SINGULARS):
        return other
    if len(word) < 4 or not word.endswith('s') or word.endswith(_SINGULAR_IN_S):
        return word
    if word.endswith('ies'):
        return word[:-3] + 'y'
    if word.endswith(('sses', 'shes', 'ches', 'xes', 'zzes')):
        return word[:-2]
    return word[:-1]


def mention_pattern(name: str) -> re.Pattern:
    """Compiles the names of a class in lower-case text.

    Args:
        name: A class name.

    Returns:
        The name as a whole word, in the singular or the plural. The last word of a
        name of several has the plural.

    Raises:
        ValueError: The name is empty.
    """
    if not name.strip():
        raise ValueError(f'a class name must not be empty, got {name!r}')
    name = name.lower()
    last = re.split('[ -]', name)[-1]
    forms = {name, f'{name}s', f'{name}es'}
    if other := _irregular(last, _PLURALS):
        forms.add(name.removesuffix(last) + other)
    if last.endswith('y'):
        forms.add(f'{name[:-1]}ies')
    either = '|'.join(map(re.escape, sorted(forms)))
    return re.compile(rf'(?<!\w)(?:{either})(?!\w)')


def _irregular(word: str, numbers: Mapping[str, str]) -> str | None:
    """The other number of an irregular noun, or of a word that ends in one."""
    if word in numbers:
        return numbers[word]
    if word not in _NO_COMPOUNDS:
        for end, other in numbers.items():
            # A box is no ox.
            if end != 'ox' and word.endswith(end):
                return word.removesuffix(end) + other
    return None


class MentionedClasses:
    """The classes whose names stand in a text, in the singular or the plural.

    Example:
        >>> mentioned = MentionedClasses(['boat', 'traffic light', 'person'])
        >>> mentioned.find('People in a boathouse, below two Traffic Lights')
        {1, 2}

    Args:
        classes: Names of the classes.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._patterns = [mention_pattern(name) for name in classes]

    def find(self, text: str) -> set[int]:
        """Finds the classes of a text.

        Args:
            text: The text, such as a caption.

        Returns:
            Indices of the classes.
        """
        text = text.lower()
        return {i for i, form in enumerate(self._patterns) if form.search(text)}
