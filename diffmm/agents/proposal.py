"""Things that a referring expression could be confused with."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .phrases import content_words, find_phrases

# Longer ones are sentences or garbage.
_MAX_WORDS = 10
_MAX_LETTERS = 80


class Proposal(NamedTuple):
    """The corrections that a proposer suggests.

    Attributes:
        confusers: What the expression does not mean, most likely confusion first.
        source: Who proposed them.
        notes: What was left out, and who took whose place, as sentences.
    """

    confusers: tuple[str, ...]
    source: str
    notes: tuple[str, ...] = ()


# What an agent asks: the expression, the caption and k.
Propose = Callable[[str, str, int], Proposal]


class ProposerError(RuntimeError):
    """A proposer has no answer."""


class Proposer(ABC):
    """Base class: guesses what a picture shows that an expression does not mean.

    ADDP (section 3.3) asks GPT-4o for the top k confusing objects, given the expression
    and a caption of the picture. Its prompt and its k were not published.

    Attributes:
        source: Its name in a `Proposal`.
    """

    source: str

    def __call__(self, text: str, caption: str, count: int) -> Proposal:
        """Proposes corrections.

        Args:
            text: The expression.
            caption: What the picture shows.
            count: Most corrections, k.

        Returns:
            At most k, perhaps none.

        Raises:
            ProposerError: The proposer cannot be asked.
            ValueError: ``count`` is not positive.
        """
        if count < 1:
            raise ValueError(f'count must be at least 1, got {count}')
        confusers, notes = accept(self.candidates(text, caption, count), text)
        return Proposal(tuple(confusers[:count]), self.source, tuple(notes))

    @abstractmethod
    def candidates(self, text: str, caption: str, count: int) -> Iterable[str]:
        """Guesses, best first, not checked yet.

        Args:
            text: The expression.
            caption: What the picture shows.
            count: Number of corrections that are wanted.
        """


class FallbackProposer:
    """Asks one proposer, and another one if the first has nothing to say.

    Args:
        first: Such as an `EndpointProposer`.
        second: Such as a `RuleProposer`, which cannot fail.
    """

    def __init__(self, first: Propose, second: Propose) -> None:
        self.first = first
        self.second = second

    def __call__(self, text: str, caption: str, count: int) -> Proposal:
        """Proposes corrections; the notes say if the second one had to.

        Args:
            text: The expression.
            caption: What the picture shows.
            count: Most corrections.
        """
        try:
            proposal = self.first(text, caption, count)
            if proposal.confusers:
                return proposal
            reason = f'{proposal.source} named nothing usable'
            notes = proposal.notes
        except ProposerError as error:
            reason, notes = str(error), ()
        instead = self.second(text, caption, count)
        notes = (*notes, f'{reason}; {instead.source} took its place', *instead.notes)
        return instead._replace(notes=notes)


def accept(candidates: Iterable[str], text: str) -> tuple[list[str], list[str]]:
    """Sorts out guesses that cannot correct anything.

    Args:
        candidates: Noun phrases, or what came instead of them.
        text: The expression.

    Returns:
        The usable ones, each once, and a sentence about every other.
    """
    kept: dict[frozenset[str], str] = {}
    notes = []
    for candidate in candidates:
        phrase = ' '.join(candidate.split())
        if not is_noun_phrase(phrase):
            notes.append(f'{_shown(phrase)} is no short noun phrase')
        elif names_target(phrase, text):
            notes.append(f'{_shown(phrase)} names the target itself')
        else:
            kept.setdefault(content_words(phrase), phrase)
    return list(kept.values()), notes


def is_noun_phrase(phrase: str) -> bool:
    """Tells if a text looks like the name of a thing.

    Args:
        phrase: Any text.
    """
    words = phrase.split()
    if not words or len(words) > _MAX_WORDS or len(phrase) > _MAX_LETTERS:
        return False
    if re.search(r'[^a-zA-Z0-9 ,\'-]', phrase):
        return False
    return bool(find_phrases(phrase))


def names_target(phrase: str, text: str) -> bool:
    """Tells if a phrase means what the expression means, or all things of its kind.

    "Ball" and "the red ball" name the target of "the red ball left of the tree", "the
    blue ball" and "the tree" do not.

    Args:
        phrase: A noun phrase.
        text: The expression.
    """
    words, wanted = content_words(phrase), content_words(text)
    if words == wanted:
        return True
    named, targets = find_phrases(phrase), find_phrases(text)
    same_noun = bool(named and targets) and named[0].noun == targets[0].noun
    return same_noun and words <= wanted


def parse_list(answer: str) -> list[str]:
    """Reads noun phrases out of a language model's answer.

    Args:
        answer: A JSON list, perhaps with words around it, or one phrase a line, or
            phrases with commas between them.

    Returns:
        The phrases without numbers, bullets and quotes; some may be garbage.
    """
    match = re.search(r'\[[^\]]*\]', answer)
    text = match.group()[1:-1] if match else answer
    lines = [line for line in text.splitlines() if line.strip()]
    # A line that ends in a colon introduces the list.
    lines = [line for line in lines if not line.rstrip().endswith(':')]
    parts = [part for line in lines for part in re.split(r'[,;]', line)]
    found = [re.sub(r'^\s*(?:[-*•]|\d+[.)])\s*', '', part) for part in parts]
    return [part for part in (each.strip(' \t"\'`.[]') for each in found) if part]


def _shown(phrase: str) -> str:
    return repr(phrase if len(phrase) <= 40 else phrase[:39] + '…')
