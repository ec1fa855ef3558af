"""Texts that are longer than a prompt: what is cut, and a warning that says so."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from mmengine.logging import print_log

from diffmm.diffusion.tokenizer import MAX_TOKENS, expand_words, load_tokenizer

# Of a cut that a warning shows.
_SHOWN = 80


def find_cuts(
    texts: Iterable[str], num_tokens: int, words: tuple[str, ...] = ()
) -> dict[str, str]:
    """Finds the texts that do not fit, and the ends that they lose.

    Args:
        texts: The texts.
        num_tokens: Tokens that there is room for, begin and end included.
        words: Learned words of the text encoder.

    Returns:
        What is cut, by text; without the texts that fit.
    """
    texts = list(texts)
    if not texts:
        return {}
    tokenizer = load_tokenizer(words)
    expanded = [expand_words(text, words) for text in texts]
    # Without the tokenizer's own warning, of errors that cutting prevents.
    pieces = tokenizer(expanded, add_special_tokens=False, verbose=False).input_ids
    room = num_tokens - 2
    return {
        text: tokenizer.decode(ids[room:])
        for text, ids in zip(texts, pieces, strict=True)
        if len(ids) > room
    }


def warn_of_cut(what: str, cut: str, num_tokens: int, advice: str) -> None:
    """Warns that a text loses its end.

    Args:
        what: The text, or what it belongs to.
        cut: Its end.
        num_tokens: Tokens that there is room for, begin and end included.
        advice: What to do, or what happens to further texts.
    """
    shown = cut if len(cut) <= _SHOWN else f'{cut[:_SHOWN]}...'
    print_log(
        f'{what} has more than {num_tokens} tokens, begin and end included: {shown!r} '
        f'is cut; {advice}',
        'current',
        level=logging.WARNING,
    )


def warn_of_cuts(texts: Iterable[str], words: tuple[str, ...] = ()) -> None:
    """Warns of every text that a whole prompt of Stable Diffusion has no room for.

    Args:
        texts: The texts.
        words: Learned words of the text encoder.
    """
    for text, cut in find_cuts(texts, MAX_TOKENS, words).items():
        warn_of_cut(repr(text), cut, MAX_TOKENS, 'shorten it')


def count_cuts(
    texts: Iterable[str],
    num_tokens: int,
    words: tuple[str, ...],
    before: int,
    counter: str,
) -> int:
    """Counts the texts that do not fit, and warns of the first of all.

    Args:
        texts: The texts.
        num_tokens: Tokens that there is room for, begin and end included.
        words: Learned words of the text encoder.
        before: How many did not fit before; there is a warning if none.
        counter: Name of the attribute that counts them, for the warning.

    Returns:
        How many of these do not fit.
    """
    cuts = find_cuts(texts, num_tokens, words)
    if cuts and not before:
        text, cut = next(iter(cuts.items()))
        advice = f'later texts are cut without a warning and counted in {counter}'
        warn_of_cut(repr(text), cut, num_tokens, advice)
    return len(cuts)
