# Needs mmsegmentation.
"""Data preprocessor of segmentation models that are prompted image by image."""

from __future__ import annotations

from mmengine.registry import MODELS
from mmseg.models import SegDataPreProcessor

from .text_conditioning import TextConditioning


@MODELS.register_module()
class TextSegDataPreProcessor(TextConditioning, SegDataPreProcessor):
    """mmsegmentation's ``SegDataPreProcessor`` that hands every image its text.

    Example:
        >>> data_preprocessor = dict(
        ...     type='TextSegDataPreProcessor',
        ...     text_key='caption',
        ...     mean=[127.5, 127.5, 127.5],
        ...     std=[127.5, 127.5, 127.5],
        ...     bgr_to_rgb=True)

    All arguments but ``text_key`` are ``SegDataPreProcessor``'s.
    """
