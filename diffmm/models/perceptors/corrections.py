"""Texts of what is not meant, for correctional guidance (ADDP, section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence


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
            a correction is empty or says what its text says.
    """
    if not corrections:
        return [()] * len(texts)
    if any(isinstance(own, str) for own in corrections):
        raise ValueError(
            'corrections are a list of texts for every image, got the texts '
            f'{list(corrections)} themselves'
        )
    counts = [len(own) for own in corrections]
    if len(counts) != len(texts) or len(set(counts)) > 1:
        raise ValueError(
            f'{len(texts)} images need as many lists of corrections, all of the same '
            f'length; got lists of {counts}'
        )
    for text, own in zip(texts, corrections, strict=True):
        for correction in own:
            if not correction.strip():
                raise ValueError(
                    f'a correction of {text!r} is empty; name what is not meant'
                )
            if _words(correction) == _words(text):
                raise ValueError(
                    f'the correction {correction!r} is what shall be found: name '
                    'something else that is not meant'
                )
    return list(corrections)


def _words(text: str) -> list[str]:
    return text.casefold().split()
