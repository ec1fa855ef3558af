"""Data preprocessor of pictures without annotations that are prompted one by one."""

from __future__ import annotations

from mmengine.model import ImgDataPreprocessor
from mmengine.registry import MODELS

from .text_conditioning import TextConditioning


@MODELS.register_module()
class TextImgDataPreprocessor(TextConditioning, ImgDataPreprocessor):
    """MMEngine's ``ImgDataPreprocessor`` that hands every image its text.

    Example:
        >>> config = dict(
        ...     type='TextImgDataPreprocessor',
        ...     text_key='caption',
        ...     mean=[127.5, 127.5, 127.5],
        ...     std=[127.5, 127.5, 127.5],
        ...     bgr_to_rgb=True)
        >>> preprocessor = MODELS.build(config)
        >>> from mmengine.structures import BaseDataElement
        >>> sample = BaseDataElement(metainfo=dict(caption='a cat'))
        >>> image = torch.zeros(3, 64, 64, dtype=torch.uint8)
        >>> batch = preprocessor(dict(inputs=[image], data_samples=[sample]))
        >>> batch['inputs'].shape, batch['inputs'].texts
        (torch.Size([1, 3, 64, 64]), ('a cat',))

    ``text_key`` names the metainfo that holds the text; all other arguments are
    ``ImgDataPreprocessor``'s.
    """
