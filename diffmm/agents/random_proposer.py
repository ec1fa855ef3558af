"""Confusers by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .proposal import Proposer


class RandomProposer(Proposer):
    """Proposes things by chance: what other proposers are compared with.

    The same expression with the same caption always gets the same things.

    Example:
        >>> RandomProposer(['the dog', 'the cup'])('the red ball', 'a ball', 2).source
        'random'

    Args:
        vocabulary: Noun phrases to choose from.
        seed: Of the choice.

    Raises:
        ValueError: The vocabulary is empty.
    """

    source = 'random'

    def __init__(self, vocabulary: Sequence[str], seed: int = 0) -> None:
        if not vocabulary:
            raise ValueError('a random proposer needs a vocabulary, got none')
        self.vocabulary = sorted(set(vocabulary))
        self.seed = seed

    def candidates(self, text: str, caption: str, count: int) -> list[str]:
        """Shuffles the vocabulary.

        Args:
            text: The expression.
            caption: What the picture shows; it only decides the order.
            count: Unused.
        """
        order = list(self.vocabulary)
        random.Random(f'{self.seed} {text} {caption}').shuffle(order)
        return order
