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
        >>> data_preprocessor = dict(
        ...     type='TextDetDataPreprocessor',
        ...     text_key='caption',
        ...     mean=[127.5, 127.5, 127.5],
        ...     std=[127.5, 127.5, 127.5],
        ...     bgr_to_rgb=True)

    All arguments but ``text_key`` are ``DetDataPreprocessor``'s.
    """
