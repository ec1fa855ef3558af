"""CLIP's table of tokens, and behind it the words that textual inversion learned."""

from __future__ import annotations

import json
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .tokenizer import load_tokenizer


class TokenTable(nn.Embedding):
    """The embeddings of CLIP's tokens, which can take learned words.

    The table itself keeps its size and its name, so pre-trained weights fit it. Vectors
    and names of words are buffers beside it, once there are any: a checkpoint then
    carries both, and a table that reads one takes its words.

    Args:
        table: The table of the text encoder; its parameter is shared.

    Attributes:
        words: The learned words, in the order of their ids.
    """

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__(*table.weight.shape, device='meta')
        self.weight = table.weight
        self.words: tuple[str, ...] = ()

    def add(self, words: Mapping[str, Tensor]) -> None:
        """Appends words.

        Args:
            words: Vectors (D,), by the word.

        Raises:
            ValueError: A word is empty or has blanks, is a token already, or its vector
                has another width.
        """
        for word, vector in words.items():
            self._check(word, vector)
        if not words:
            return
        old = [self.word_vectors] if self.words else []
        vectors = torch.stack(list(words.values())).to(self.weight)
        self._set(torch.cat([*old, vectors]), (*self.words, *words))

    def forward(self, ids: Tensor) -> Tensor:
        """Looks tokens up.

        Args:
            ids: Token ids of any shape.

        Returns:
            Their embeddings, shape (..., D).
        """
        if not self.words:
            return super().forward(ids)
        size = self.num_embeddings
        tokens = super().forward(ids.clamp(max=size - 1))
        words = F.embedding((ids - size).clamp(min=0), self.word_vectors)
        return torch.where((ids < size)[..., None], tokens, words)

    def _check(self, word: str, vector: Tensor) -> None:
        if not word or word != ''.join(word.split()):
            raise ValueError(
                f'a learned word is one token without blanks, got {word!r}'
            )
        # A piece that ends a word stands in the vocabulary with this ending.
        vocabulary = load_tokenizer(self.words).get_vocab()
        known = {word, word.lower(), f'{word.lower()}</w>'} & vocabulary.keys()
        if known:
            raise ValueError(
                f'the word {word!r} is a token of the text encoder already; learn it '
                'under another name, such as one in angle brackets'
            )
        if vector.shape != self.weight.shape[1:]:
            raise ValueError(
                f'the word {word!r} is a vector of shape {tuple(vector.shape)}, but '
                f'this text encoder has embeddings of width {self.embedding_dim}: it '
                'was learned with another one'
            )

    def _set(self, vectors: Tensor, words: tuple[str, ...]) -> None:
        self.words = words
        names = torch.tensor(list(json.dumps(words).encode()), dtype=torch.uint8)
        self.register_buffer('word_vectors', vectors)
        self.register_buffer('word_names', names.to(vectors.device))

    def _load_from_state_dict(
        self, state_dict: Mapping, prefix: str, *args: object, **kwargs: object
    ) -> None:
        names = state_dict.get(f'{prefix}word_names')
        if names is not None:
            vectors = state_dict[f'{prefix}word_vectors']
            words = tuple(json.loads(bytes(names.tolist())))
        # Vectors that are being learned stay the parameter that they are.
        if names is not None and words != self.words:
            self._set(self.weight.new_empty(vectors.shape), words)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def extend_table(tower: nn.Module) -> TokenTable:
    """Lets a text tower take learned words.

    Args:
        tower: The text tower; its table is replaced, the parameter stays.

    Returns:
        The new table.
    """
    table = tower.embeddings.token_embedding
    if not isinstance(table, TokenTable):
        table = TokenTable(table)
        tower.embeddings.token_embedding = table
    return table
