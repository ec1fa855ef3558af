"""CLIP's byte-pair tokenizer, built from a file that open_clip installs."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import torch
from torch import Tensor
from transformers import CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

_MERGES = 49152 - 256 - 2
_START, _END = '<|startoftext|>', '<|endoftext|>'
MAX_TOKENS = 77


@lru_cache(maxsize=1)
def load_tokenizer() -> CLIPTokenizer:
    """Builds the tokenizer of Stable Diffusion 1.x and 2.x, without the network.

    Original single-file checkpoints hold no tokenizer. All Stable Diffusion models of
    these generations use this one; only the padding differs (see `TextEncoder`).

    Returns:
        The tokenizer: 49,408 tokens, begin 49406, end and padding 49407.
    """
    resource = files('open_clip') / 'bpe_simple_vocab_16e6.txt.gz'
    lines = gzip.decompress(resource.read_bytes()).decode().split('\n')
    merges = [tuple(line.split()) for line in lines[1 : _MERGES + 1]]
    letters = list(bytes_to_unicode().values())
    words = [*letters, *(letter + '</w>' for letter in letters)]
    words += [''.join(pair) for pair in merges]
    vocabulary = {word: index for index, word in enumerate([*words, _START, _END])}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=MAX_TOKENS)


def pad_token_ids(
    texts: Sequence[str], pad_token_id: int, max_length: int = MAX_TOKENS
) -> tuple[Tensor, Tensor]:
    """Tokenizes texts, padded or truncated to the same length.

    Args:
        texts: T texts.
        pad_token_id: Token that fills short texts.
        max_length: Tokens per text, begin and end included, at most 77.

    Returns:
        Token ids (T, L), and the number of tokens of each text up to and including
        the end token (T,).
    """
    texts = list(texts)
    encoded = load_tokenizer()(texts, truncation=True, max_length=max_length)
    ids = torch.full((len(texts), max_length), pad_token_id)
    for row, tokens in zip(ids, encoded.input_ids, strict=True):
        row[: len(tokens)] = torch.tensor(tokens)
    return ids, torch.tensor([len(tokens) for tokens in encoded.input_ids])
