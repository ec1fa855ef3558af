"""A prior with what personalization added to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from ..architecture import Architecture
from ..text_encoder import TextEncoder
from .learned_words import read_words
from .low_rank_file import LowRankWeights
from .prior_source import PriorSource, add_words


class AdaptedSource(PriorSource):
    """A source of weights, changed by LoRA files, with learned words.

    Args:
        source: The prior itself.
        lora: LoRA files; their changes add up.
        words: Files or folders of learned words, for `read_words`.

    Raises:
        WeightsError: A file is missing, damaged or of another kind.
    """

    def __init__(
        self,
        source: PriorSource,
        lora: Sequence[str | Path] = (),
        words: Sequence[str | Path] = (),
    ) -> None:
        super().__init__(source.location)
        self._source = source
        self._changes = [LowRankWeights(path) for path in lora]
        self._words = [(str(path), read_words(path)) for path in words]

    def state_dict(self, part: str, architecture: Architecture) -> dict[str, Tensor]:
        """Reads one network and adds the changes.

        Args:
            part: ``'unet'``, ``'vae'`` or ``'text_encoder'``.
            architecture: The expected shapes.

        Returns:
            Tensors by parameter name.

        Raises:
            WeightsError: As that of the prior, and if a LoRA file is of another
                architecture.
        """
        tensors = self._source.state_dict(part, architecture)
        for change in self._changes:
            tensors = change.merge(part, tensors)
        return tensors

    def text_encoder(self, architecture: Architecture) -> TextEncoder:
        """Builds and fills the text encoder.

        Args:
            architecture: The expected shapes.

        Returns:
            The frozen text encoder, with all learned words.

        Raises:
            WeightsError: As ``load_into``, and if a word is a token already or was
                learned with another text encoder.
        """
        encoder = super().text_encoder(architecture)
        for path, words in self._words:
            add_words(encoder, words, path)
        return encoder

    def word_ids(self, size: int) -> dict[str, int]:
        """Finds the words that the prior itself learned.

        Args:
            size: Size of the vocabulary before.

        Returns:
            Their ids.
        """
        return self._source.word_ids(size)
