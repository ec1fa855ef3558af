"""Texts of what is not meant, for correctional guidance (ADDP, section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence

from diffmm.utils.words import says_same, words_of


def check_corrections(
    texts: Sequence[str], corrections: Sequence[Sequence[str]]
) -> list[Sequence[str]]:
    """Checks the texts that are not meant.

    Args:
        texts: B texts.
        corrections: B sequences of texts, or none.

    Returns:
        B sequences of equal length.

    Raises:
        ValueError: There is not one sequence for every text, they differ in length, or
            a correction has no word or says what its text says.
    """
    if not corrections:
        return [()] * len(texts)
    for own in corrections:
        if not isinstance(own, (list, tuple)):
            raise ValueError(
                'corrections are a list of texts for every image, got '
                f'{list(corrections)}'
            )
    counts = [len(own) for own in corrections]
    if len(counts) != len(texts) or len(set(counts)) > 1:
        raise ValueError(
            f'{len(texts)} images need as many lists of corrections, all of the same '
            f'length; got lists of {counts}'
        )
    for text, own in zip(texts, corrections, strict=True):
        for correction in own:
            if not isinstance(correction, str):
                raise ValueError(f'a correction is a text, got {correction!r}')
            if not words_of(correction):
                raise ValueError(
                    f'the correction {correction!r} of {text!r} is empty; name what '
                    'is not meant'
                )
            if says_same(correction, text):
                raise ValueError(
                    f'the correction {correction!r} is what shall be found: name '
                    'something else that is not meant'
                )
    return list(corrections)
