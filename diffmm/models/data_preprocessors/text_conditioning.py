"""The text of every image, as the data preprocessors of all hosts handle it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmengine.structures import BaseDataElement

from diffmm.structures import ConditionedImages


class TextConditioning:
    """Mixin for a data preprocessor: binds the text of every image to the image.

    The text is part of the data sample's metainfo. The pipeline puts it there:
    ``dict(type='PackSegInputs', meta_keys=(..., 'expression'))``.

    Args:
        *args: Arguments of the host's data preprocessor.
        text_key: Metainfo key of the text: ``'expression'`` (referring segmentation),
            ``'scene'`` (depth estimation), ``'caption'``.
        **kwargs: Arguments of the host's data preprocessor.
    """

    def __init__(self, *args: Any, text_key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text_key = text_key

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepares a batch as the host does, and binds its texts to its images.

        Args:
            data: Batch of the data loader.
            training: Whether to apply the host's training-time augmentation.

        Returns:
            The host's batch, with ``inputs`` as `ConditionedImages`.

        Raises:
            ValueError: If the text of a sample is missing, empty or no string.
        """
        data = super().forward(data, training)
        texts = read_texts(data['data_samples'], len(data['inputs']), self.text_key)
        data['inputs'] = ConditionedImages(data['inputs'], texts)
        return data


def read_texts(
    samples: Sequence[BaseDataElement] | None, count: int, key: str
) -> list[str]:
    """Reads the text of every data sample.

    Args:
        samples: The batch's data samples.
        count: Number of images of the batch.
        key: Metainfo key of the text.

    Returns:
        One text per image.

    Raises:
        ValueError: If a text is missing, empty or no string.
    """
    if not samples:
        raise ValueError(
            f'a batch of {count} images came without data samples, so their '
            f'{key!r} is not known; pass data samples that have it in their metainfo'
        )
    texts = [sample.metainfo.get(key) for sample in samples]
    for sample, text in zip(samples, texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            path = sample.metainfo.get('img_path', 'an image without path')
            raise ValueError(
                f'{path} needs a text under {key!r} and has {text!r}; its metainfo '
                f'holds {sorted(sample.metainfo)}. The data set must set {key!r}, and '
                "the packing transform must keep it: add it to that transform's "
                'meta_keys'
            )
    return texts
