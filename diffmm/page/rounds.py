"""The rounds of one user of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from diffmm.visualization.predictions import paint_mask

# Older ones are forgotten: every round keeps two pictures in memory.
MAX_ROUNDS = 12


@dataclass(frozen=True)
class Round:
    """One answer.

    Attributes:
        text: What was looked for.
        corrections: What it was said not to be.
        mask: The answer, (H, W), bool.
        note: What else there is to say, such as the strengths.
    """

    text: str
    corrections: tuple[str, ...]
    mask: np.ndarray
    note: str = ''

    @property
    def title(self) -> str:
        """The text and the corrections."""
        return ', '.join([self.text, *(f'not {each}' for each in self.corrections)])

    @property
    def share(self) -> float:
        """Share of the pixels that the mask covers."""
        return float(self.mask.mean())

    def overlay(self, image: np.ndarray) -> np.ndarray:
        """Paints the mask over its picture.

        Args:
            image: BGR, (H, W, 3), uint8.

        Returns:
            RGB picture of the same size.
        """
        return paint_mask(np.ascontiguousarray(image[..., ::-1]), self.mask)


@dataclass
class Session:
    """A user's picture and rounds.

    Attributes:
        picture: BGR, (H, W, 3), uint8; None before there is one.
        rounds: The answers, oldest first.
    """

    picture: np.ndarray | None = None
    rounds: list[Round] = field(default_factory=list)

    def choose(self, picture: np.ndarray) -> None:
        """Begins with a picture; rounds of another one are forgotten."""
        self.picture = picture
        self.rounds = []

    def add(self, picture: np.ndarray, finished: Round) -> bool:
        """Keeps a round, if its picture is still the user's.

        Args:
            picture: The picture that it belongs to.
            finished: The round.

        Returns:
            False if the user took another picture meanwhile.
        """
        if picture is not self.picture:
            return False
        self.rounds = [*self.rounds, finished][-MAX_ROUNDS:]
        return True

    def undo(self) -> Round | None:
        """Forgets the last round.

        Returns:
            The one before it, if there is one.
        """
        self.rounds = self.rounds[:-1]
        return self.rounds[-1] if self.rounds else None

    def corrections_with(self, text: str, more: str) -> tuple[str, ...]:
        """Joins what the user says now with what was said about the same text.

        Args:
            text: What is looked for.
            more: Things that it is not, with commas between them.

        Raises:
            ValueError: Nothing is said.
        """
        new = split_things(more)
        if not new:
            raise ValueError('say what it is not: name what is marked by mistake')
        last = self.rounds[-1] if self.rounds else None
        known = last.corrections if last is not None and last.text == text else ()
        return tuple(dict.fromkeys((*known, *new)))


def split_things(text: str) -> list[str]:
    """Splits things that a user names.

    Args:
        text: Names with commas, semicolons or new lines between them.
    """
    names = (' '.join(part.split()) for part in re.split(r'[,;\n]', text))
    return [name for name in dict.fromkeys(names) if name]
