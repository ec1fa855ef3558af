"""The same text for every picture."""

from __future__ import annotations

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class FixedText(BaseTransform):
    """Gives a picture that has no text a text.

    The inference functions of the hosts take a picture and nothing else. A model that
    is prompted image by image gets its text from the pipeline then. Place it before the
    packing transform, whose ``meta_keys`` must name the key.

    Example:
        >>> config.test_pipeline.insert(
        ...     -1, dict(type='FixedText', key='expression', text='the red ball'))

    Added keys: ``key``, where there is none yet.

    Args:
        key: The data preprocessor's ``text_key``.
        text: The text.

    Raises:
        ValueError: The text is empty or no string.
    """

    def __init__(self, key: str, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f'the text under {key!r} must be words, got {text!r}')
        self.key = key
        self.text = text

    def transform(self, results: dict) -> dict:
        """Sets the text.

        Args:
            results: A picture; a text of its own stays.

        Returns:
            The same with the text.
        """
        results.setdefault(self.key, self.text)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(key={self.key!r}, text={self.text!r})'
