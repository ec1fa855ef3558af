# Needs mmdetection.
"""Data preprocessor of detection models that are prompted image by image."""

from __future__ import annotations

from mmdet.models import DetDataPreprocessor
from mmengine.registry import MODELS

from .text_conditioning import TextConditioning


@MODELS.register_module()
class TextDetDataPreprocessor(TextConditioning, DetDataPreprocessor):
    """mmdetection's ``DetDataPreprocessor`` that hands every image its text.

    Example:
        >>> config = dict(
        ...     type='TextDetDataPreprocessor',
        ...     text_key='caption',
        ...     mean=[127.5, 127.5, 127.5],
        ...     std=[127.5, 127.5, 127.5],
        ...     bgr_to_rgb=True)
        >>> preprocessor = MODELS.build(config)
        >>> from mmdet.structures import DetDataSample
        >>> sample = DetDataSample(metainfo=dict(img_shape=(64, 64), caption='a cat'))
        >>> image = torch.zeros(3, 64, 64, dtype=torch.uint8)
        >>> batch = preprocessor(dict(inputs=[image], data_samples=[sample]))
        >>> batch['inputs'].shape, batch['inputs'].texts
        (torch.Size([1, 3, 64, 64]), ('a cat',))

    ``text_key`` names the metainfo that holds the text; all other arguments are
    ``DetDataPreprocessor``'s.
    """
