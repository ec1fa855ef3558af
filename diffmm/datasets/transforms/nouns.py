"""A transform that reduces a caption to its nouns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from diffmm.mini_world.language.vocabulary import NOUNS

TAGGERS = ('nltk', 'mini')


@TRANSFORMS.register_module()
class KeepNouns(BaseTransform):
    """Reduces a caption to its nouns: TADP(NO).

    Common nouns in the singular and plural (tags NN and NNS, not names), each where it
    is first met. A caption without any stays as it is.

    Required and modified key: ``caption``.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='KeepNouns', tagger='mini'))
        >>> transform(dict(caption='two red cars and a tree on the grass'))
        {'caption': 'cars tree grass'}

    Args:
        tagger: ``'nltk'``, the tagger of NLTK, as released; ``'mini'`` knows the words
            of the mini world and no others.

    Raises:
        ValueError: The tagger is unknown.
    """

    def __init__(self, tagger: str = 'nltk') -> None:
        if tagger not in TAGGERS:
            raise ValueError(f'tagger must be one of {TAGGERS}, got {tagger!r}')
        self.tagger = tagger

    def transform(self, results: dict) -> dict:
        """Keeps the nouns.

        Args:
            results: With ``caption``.

        Returns:
            The same.

        Raises:
            ModuleNotFoundError: The tagger is NLTK's, and it is not installed.
            LookupError: NLTK's model is not there.
        """
        caption = results['caption']
        results['caption'] = _nouns_of(caption, self.tagger) or caption
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(tagger={self.tagger!r})'


def join_nouns(tagged: Iterable[tuple[str, str]]) -> str:
    """Joins the nouns among tagged words.

    Args:
        tagged: Words with their Penn Treebank tags.

    Returns:
        The nouns, each once, joined by blanks.
    """
    return ' '.join(dict.fromkeys(word for word, tag in tagged if tag in ('NN', 'NNS')))


# A picture comes again at every epoch.
@lru_cache(maxsize=65536)
def _nouns_of(caption: str, tagger: str) -> str:
    if tagger == 'mini':
        words = caption.replace(',', ' ').split()
        return join_nouns((word, 'NN' if word in NOUNS else '') for word in words)
    try:
        import nltk
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "KeepNouns(tagger='nltk') needs NLTK and two of its models: pip install "
            'nltk, then python -m nltk.downloader punkt_tab '
            'averaged_perceptron_tagger_eng'
        ) from error
    return join_nouns(nltk.pos_tag(nltk.word_tokenize(caption)))
