"""CLIP's byte-pair tokenizer, built from a file that open_clip installs."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

from transformers import CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

_MERGES = 49152 - 256 - 2
_START, _END = '<|startoftext|>', '<|endoftext|>'
MAX_TOKENS = 77


@lru_cache(maxsize=1)
def load_tokenizer() -> CLIPTokenizer:
    """Builds the tokenizer of Stable Diffusion 1.x and 2.x, without the network.

    Original single-file checkpoints hold no tokenizer, and every Stable Diffusion of
    these generations uses the same one; only the padding differs (`TextEncoder`).

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
