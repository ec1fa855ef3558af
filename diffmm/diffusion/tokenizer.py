"""CLIP's byte-pair tokenizer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from transformers import CLIPTokenizerFast

from diffmm.utils.checksums import check_sums

# Shipped with `mini`, which has CLIP's vocabulary.
_FOLDER = Path(__file__).parent / 'weights' / 'shipped' / 'mini' / 'tokenizer'
MAX_TOKENS = 77


@lru_cache(maxsize=8)
def load_tokenizer(words: tuple[str, ...] = ()) -> CLIPTokenizerFast:
    """Reads the tokenizer of Stable Diffusion 1.x and 2.x, without the network.

    Original single-file checkpoints hold no tokenizer. All Stable Diffusion models of
    these generations use this one; only the padding differs (see `TextEncoder`).

    Args:
        words: Tokens behind the vocabulary, in the order of their ids: words that
            textual inversion learned.

    Returns:
        The tokenizer: 49,408 tokens, begin 49406, end and padding 49407, and the words.

    Raises:
        ChecksumError: A file of it is damaged.
    """
    check_sums(_FOLDER)
    tokenizer = CLIPTokenizerFast.from_pretrained(_FOLDER)
    if words:
        tokenizer.add_tokens(list(words))
    return tokenizer


def expand_words(text: str, words: Sequence[str]) -> str:
    """Writes a word of several vectors as all of its tokens.

    The tokens of such a word are ``<night>``, ``<night>_1``, ``<night>_2``, as in
    diffusers. A text names the first, in small letters or capitals, which are the same
    to the tokenizer.

    Args:
        text: A text.
        words: All words.

    Returns:
        The text as the tokenizer needs it.
    """
    for word in words:
        count = 1
        while f'{word}_{count}' in words:
            count += 1
        tokens = ' '.join([word, *(f'{word}_{index}' for index in range(1, count))])
        if count > 1 and tokens.lower() not in text.lower():
            text = re.sub(re.escape(word), lambda _, t=tokens: t, text, flags=re.I)
    return text


def pad_token_ids(
    texts: Sequence[str],
    pad_token_id: int,
    max_length: int = MAX_TOKENS,
    words: tuple[str, ...] = (),
) -> tuple[Tensor, Tensor]:
    """Tokenizes texts, padded or truncated to the same length.

    Args:
        texts: T texts.
        pad_token_id: Token that fills short texts.
        max_length: Tokens per text, begin and end included, at most 77.
        words: Learned words, see `load_tokenizer`.

    Returns:
        Token ids (T, L), and the number of tokens of each text up to and including
        the end token (T,).
    """
    texts = [expand_words(text, words) for text in texts]
    tokenizer = load_tokenizer(words)
    encoded = tokenizer(texts, truncation=True, max_length=max_length)
    ids = torch.full((len(texts), max_length), pad_token_id)
    for row, tokens in zip(ids, encoded.input_ids, strict=True):
        row[: len(tokens)] = torch.tensor(tokens)
    return ids, torch.tensor([len(tokens) for tokens in encoded.input_ids])
