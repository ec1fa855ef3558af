# Needs mmpretrain.
"""Data preprocessor of classifiers and retrievers that are prompted image by image."""

from __future__ import annotations

from typing import Any

from mmengine.registry import MODELS
from mmpretrain.models import ClsDataPreprocessor

from .text_conditioning import TextConditioning


@MODELS.register_module()
class TextClsDataPreprocessor(TextConditioning, ClsDataPreprocessor):
    """mmpretrain's ``ClsDataPreprocessor`` that hands every image its text.

    Example:
        >>> config = dict(
        ...     type='TextClsDataPreprocessor',
        ...     text_key='caption',
        ...     mean=[127.5, 127.5, 127.5],
        ...     std=[127.5, 127.5, 127.5],
        ...     to_rgb=True)
        >>> preprocessor = MODELS.build(config)
        >>> from mmpretrain.structures import DataSample
        >>> sample = DataSample(metainfo=dict(img_shape=(64, 64), caption='a cat'))
        >>> image = torch.zeros(3, 64, 64, dtype=torch.uint8)
        >>> batch = preprocessor(dict(inputs=[image], data_samples=[sample]))
        >>> batch['inputs'].shape, batch['inputs'].texts
        (torch.Size([1, 3, 64, 64]), ('a cat',))

    ``text_key`` names the metainfo that holds the text; all other arguments are
    ``ClsDataPreprocessor``'s.

    Raises:
        ValueError: There are batch augmentations, which mix pictures of two texts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.batch_augments is not None:
            raise ValueError(
                'batch_augments such as mixup mix two pictures, but each has a text of '
                'its own; leave them out'
            )
