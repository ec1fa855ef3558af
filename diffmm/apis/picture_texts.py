"""The texts of pictures, for models that are prompted picture by picture."""

from __future__ import annotations

from collections.abc import Sequence

from diffmm.utils.words import words_of


def texts_of_pictures(
    text: str | Sequence[str] | None, count: int, key: str | None, model: str
) -> Sequence[str | None]:
    """Finds the text of every picture, and refuses texts that do not fit.

    Args:
        text: One text for all pictures, one for each, or None.
        count: Number of pictures.
        key: What the model calls the text of a picture (``'scene'``); None if it takes
            none.
        model: The model, for messages.

    Returns:
        As many texts as pictures; None for each if the model takes none.

    Raises:
        ValueError: The model takes no text, or needs one; there is not one for each
            picture; or one is no string, or has no word.
    """
    if (key is None) != (text is None):
        raise ValueError(
            f'{model} is not prompted with a text, so {text!r} would change nothing'
            if key is None
            else f'{model} needs the text of the image ({key}): give it one'
        )
    if text is None:
        return [None] * count
    texts = [text] * count if isinstance(text, str) else text
    if not isinstance(texts, (list, tuple)):
        raise ValueError(f'texts are a list of strings, got {text!r}')
    if len(texts) != count:
        raise ValueError(
            f'{count} pictures need as many texts, got {len(texts)}: {text!r}'
        )
    for each in texts:
        if not isinstance(each, str) or not words_of(each):
            raise ValueError(f'the text of a picture ({key}) is empty: {each!r}')
    return texts
