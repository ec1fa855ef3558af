"""The text of every image, as the data preprocessors of all hosts handle it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from mmengine.logging import print_log
from mmengine.structures import BaseDataElement

from diffmm.structures import ConditionedImages
from diffmm.utils.class_names import ORACLE_KEY


class TextConditioning:
    """Mixin for a data preprocessor: binds the text of every image to the image.

    The text is part of the data sample's metainfo. The pipeline puts it there:
    ``dict(type='PackSegInputs', meta_keys=(..., 'expression'))``.

    Args:
        *args: Arguments of the host's data preprocessor.
        text_key: Metainfo key of the text: ``'expression'`` (referring segmentation),
            ``'scene'`` (depth estimation), ``'caption'``, ``'oracle_caption'``.
        oracle: Whether texts that are made of annotations (``'oracle_caption'``) may be
            read at test, too. The log then says that the figures are an upper bound.
        **kwargs: Arguments of the host's data preprocessor.

    Raises:
        ValueError: If ``oracle`` is set for another kind of text.
    """

    def __init__(
        self, *args: Any, text_key: str, oracle: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if oracle and text_key != ORACLE_KEY:
            raise ValueError(
                f'oracle=True is for text_key={ORACLE_KEY!r}, got {text_key!r}'
            )
        self.text_key = text_key
        self.oracle = oracle
        self._said_oracle = False

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepares a batch as the host does, and binds its texts to its images.

        Args:
            data: Batch of the data loader.
            training: Whether to apply the host's training-time augmentation.

        Returns:
            The host's batch, with ``inputs`` as `ConditionedImages`.

        Raises:
            ValueError: If the text of a sample is missing, empty or no string, or made
                of the annotation of a picture that is tested, without ``oracle``.
        """
        if not training:
            self.check_test()
        data = super().forward(data, training)
        texts = read_texts(data['data_samples'], len(data['inputs']), self.text_key)
        data['inputs'] = ConditionedImages(data['inputs'], texts)
        return data

    def check_test(self) -> None:
        """Refuses texts that are made of annotations at test, without ``oracle``.

        With it, the log says once what the figures are. A run asks at its start.

        Raises:
            ValueError: The texts are such, and ``oracle`` is not set.
        """
        if self.text_key != ORACLE_KEY:
            return
        if not self.oracle:
            raise ValueError(
                f'text_key={ORACLE_KEY!r}: these texts are made of the annotations '
                'that the predictions are compared with. If an upper bound is what you '
                'want, set data_preprocessor.oracle=True; otherwise test with captions'
            )
        if not self._said_oracle:
            self._said_oracle = True
            print_log(
                'Oracle: the texts are made of the annotations of the pictures that '
                'are tested. The figures are an upper bound, not a result',
                'current',
                level=logging.WARNING,
            )


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
