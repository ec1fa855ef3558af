# Needs mmpose.
"""Data preprocessor of pose estimation models that are prompted image by image."""

from __future__ import annotations

from mmengine.registry import MODELS
from mmpose.models import PoseDataPreprocessor

from .text_conditioning import TextConditioning


@MODELS.register_module()
class TextPoseDataPreprocessor(TextConditioning, PoseDataPreprocessor):
    """mmpose's ``PoseDataPreprocessor`` that hands every image its text.

    Example:
        >>> data_preprocessor = dict(
        ...     type='TextPoseDataPreprocessor',
        ...     text_key='caption',
        ...     mean=[127.5, 127.5, 127.5],
        ...     std=[127.5, 127.5, 127.5],
        ...     bgr_to_rgb=True)

    All arguments but ``text_key`` are ``PoseDataPreprocessor``'s.
    """
