"""Removal of words for style and medium from captions (TADP, section 4.3).

TADP compares prompts that name the target domain. A captioner names it too ("a
watercolor painting of a dog"), so its captions of test pictures are cleaned first.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence

from diffmm.utils.chat_endpoint import ChatEndpoint, EndpointError

# Of the kind that TADP's prompt lists (code, `precompute_blip_captions.py`), and what
# names the styles of the mini world.
STYLE_WORDS = (
    'animated',
    'anime',
    'art',
    'artwork',
    'black and white',
    'blurry',
    'book',
    'cartoon',
    'colored',
    'comic',
    'crayon',
    'dark',
    'depiction',
    'digital',
    'drawing',
    'drawn',
    'foggy',
    'hand',
    'illustrated',
    'illustration',
    'image',
    'ink',
    'night',
    'nighttime',
    'oil',
    'painted',
    'painting',
    'pencil',
    'photo',
    'photograph',
    'picture',
    'portrait',
    'rendering',
    'sketch',
    'strip',
    'style',
    'stylized',
    'vintage',
    'watercolor',
    'watercolour',
)
# What a caption file calls cleaning by these words.
OWN_WORDS = 'words of DiffMM'
_ARTICLES = ('a', 'an', 'the', 'this', 'some')
_LINKS = ('of', 'showing', 'depicting')
_SYSTEM = (
    'You edit captions of pictures. From each caption remove every mention of style or '
    'medium, such as painting, watercolor, comic, cartoon, drawing, photo or '
    'depiction, and of darkness or fog. Keep everything that the picture shows, in the '
    'same words. Answer with a JSON list of strings only, one for each caption, in '
    'the same order.'
)


class StyleWordCleaner:
    """Removes phrases that consist of listed words.

    A phrase goes where it cannot be part of what the picture shows: at the start up to
    its "of" ("a watercolor painting of"), and at the end after a comma, "in" or "at"
    (", comic style", "at night"). So "a man painting a fence" stays.

    Args:
        words: Lower-case words, or phrases of several.

    Raises:
        ValueError: There is no word.
    """

    def __init__(self, words: Sequence[str] = STYLE_WORDS) -> None:
        words = [word.strip().lower() for word in words if word.strip()]
        if not words:
            raise ValueError('cleaning needs at least one style word, got none')
        known = '|'.join(map(re.escape, sorted(words, key=len, reverse=True)))
        article = rf'(?:(?:{"|".join(_ARTICLES)})\s+)?'
        phrase = rf'{article}(?:{known})(?:(?:\s+and|,)?[\s-]+(?:{known}))*'
        self._start = re.compile(
            rf'^{phrase}\s+(?:{"|".join(_LINKS)})\s+', re.IGNORECASE
        )
        self._end = re.compile(
            rf'(?:\s*,|\s+(?:in|at|by|as))\s+{phrase}\s*\.?$', re.IGNORECASE
        )

    def __call__(self, captions: Sequence[str]) -> list[str]:
        """Cleans captions.

        Args:
            captions: N captions.

        Returns:
            N captions; one that names nothing but its style stays as it is.
        """
        return [self._clean(caption) for caption in captions]

    def _clean(self, caption: str) -> str:
        # TADP's released captions begin with the dash of GPT's lists.
        text = caption.strip().removeprefix('- ')
        while True:
            shorter = self._end.sub('', self._start.sub('', text, count=1), count=1)
            if shorter in ('', text):
                return text
            text = shorter


class EndpointCleaner:
    """Asks a language model behind an OpenAI-compatible endpoint to clean captions.

    TADP asked ``gpt-3.5-turbo`` and repeated until the number of lines was right. Here
    an answer also has to be made of the caption's words.

    Args:
        url: Base of the endpoint, such as ``http://localhost:8000/v1``.
        model: Name of its model.
        api_key: Sent as a bearer token; None sends none.
        tries: Requests for each batch before giving up.
        wait: Seconds before the second try; each further wait is twice as long.
        timeout: Seconds that an answer may take.
    """

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        tries: int = 3,
        wait: float = 1.0,
        timeout: float = 60.0,
    ) -> None:
        self.endpoint = ChatEndpoint(url, model, api_key, timeout)
        self.tries = tries
        self.wait = wait

    def __call__(self, captions: Sequence[str]) -> list[str]:
        """Cleans a batch of captions with one request.

        Args:
            captions: N captions.

        Returns:
            N captions.

        Raises:
            EndpointError: No try led to N captions.
        """
        problem = ''
        for number in range(self.tries):
            if number:
                time.sleep(self.wait * 2 ** (number - 1))
            try:
                answer = self.endpoint.ask(_SYSTEM, json.dumps(list(captions)))
                return self._read(answer, captions)
            except (EndpointError, ValueError) as error:
                problem = error
        raise EndpointError(
            f'{self.endpoint.url} gave no clean captions in {self.tries} tries: '
            f'{problem}'
        )

    def _read(self, answer: str, captions: Sequence[str]) -> list[str]:
        """Reads the list in an answer; models like to put a fence around it."""
        match = re.search(r'\[.*\]', answer, re.DOTALL)
        if match is None:
            raise ValueError(f'the answer {answer[:80]!r} holds no JSON list')
        cleaned = json.loads(match.group())
        if len(cleaned) != len(captions):
            raise ValueError(f'{len(captions)} captions went, {len(cleaned)} came back')
        for caption, text in zip(captions, cleaned, strict=True):
            words = set(_words(text)) if isinstance(text, str) else set()
            if not words or len(words - set(_words(caption))) > len(words) / 2:
                raise ValueError(f'{caption!r} came back as {text!r}')
        return [text.strip() for text in cleaned]


def _words(text: str) -> list[str]:
    return re.findall(r'\w+', text.lower())
