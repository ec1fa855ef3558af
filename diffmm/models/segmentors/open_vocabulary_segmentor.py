# Needs mmsegmentation.
"""A segmentor whose classes are any names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.registry import MODELS
from mmseg.models import EncoderDecoder

from diffmm.diffusion import TextEncoder

from .batched_windows import BatchedWindows


@MODELS.register_module()
class OpenVocabularySegmentor(BatchedWindows, EncoderDecoder):
    """mmsegmentation's ``EncoderDecoder`` with a head that takes any class names.

    A config with other classes loads the checkpoint of a training: the names are then
    encoded, by the text encoder that the checkpoint carries for its prompt, else by
    that of the head's ``pretrained``. `set_classes` changes them at any time.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='OpenVocabularySegmentor',
        ...     backbone=dict(
        ...         type='StableDiffusionBackbone', arch='mini',
        ...         prompt=dict(type='TextPrompt', num_tokens=8)),
        ...     neck=dict(type='UHead', flow='up', widths=[64, 64, 64, 64]),
        ...     decode_head=dict(
        ...         type='TextFPNHead', in_channels=[64] * 4, in_index=[0, 1, 2, 3],
        ...         feature_strides=[4, 8, 16, 32], channels=16, num_classes=2,
        ...         classes=['sky', 'tree'], arch='mini'),
        ...     test_cfg=dict(mode='whole')))
        >>> from diffmm.structures import ConditionedImages
        >>> images = ConditionedImages(torch.zeros(1, 3, 64, 64), ['the sky'])
        >>> model(images).shape
        torch.Size([1, 2, 8, 8])
        >>> model.set_classes(['sky', 'tree', 'person'])
        >>> model(images).shape
        torch.Size([1, 3, 8, 8])

    Args:
        backbone: Config of the backbone, such as ``StableDiffusionBackbone``.
        decode_head: Config of a `TextFPNHead`.
        neck: Config of what fuses the backbone's maps, such as ``UHead``, or None. Its
            ``in_channels`` are those of the backbone unless it says others.
        **kwargs: Of ``EncoderDecoder``.
    """

    def __init__(
        self,
        backbone: Mapping,
        decode_head: Mapping,
        neck: Mapping | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone, decode_head, **kwargs)
        if neck is not None:
            infos = getattr(self.backbone, 'feature_info', ())
            channels = dict(in_channels=[info.channels for info in infos])
            self.neck = MODELS.build(dict(neck), default_args=channels)
        self.register_load_state_dict_post_hook(_encode_new_classes)

    def set_classes(self, classes: Sequence[str]) -> None:
        """Takes other classes in the place of its own.

        Args:
            classes: Their names, two or more.

        Raises:
            ValueError: There are fewer than two names, one repeats, or two are the same
                to the text encoder.
            WeightsError: No prompt has a text encoder, and that of the head's
                ``pretrained`` cannot be read.
        """
        self.decode_head.set_classes(classes, self._text_encoder())
        self.num_classes = self.decode_head.num_classes
        self.out_channels = self.decode_head.out_channels

    def _text_encoder(self) -> TextEncoder:
        prompt = getattr(self.backbone, 'prompt', None)
        encoder = getattr(prompt, 'text_encoder', None)
        return self.decode_head.texts.load_encoder() if encoder is None else encoder


def _encode_new_classes(model: OpenVocabularySegmentor, _: object) -> None:
    if model.decode_head.must_encode:
        model.decode_head.encode(model._text_encoder())
