# Needs mmsegmentation.
"""A Semantic FPN head whose classes are text: any names, at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from mmseg.models.decode_heads import FPNHead
from torch import Tensor, nn

from diffmm.diffusion import TextEncoder

from .class_texts import ClassTexts, TextWeights


@MODELS.register_module()
class TextFPNHead(TextWeights, FPNHead):
    """mmsegmentation's ``FPNHead``, compared with the text features of class names.

    Vermouth, equations 9 and 11 for every pixel. Text features are a buffer, so a
    checkpoint carries them. A head that has other names than the checkpoint keeps its
    own: ``OpenVocabularySegmentor`` then encodes them.

    Example:
        >>> head = MODELS.build(dict(
        ...     type='TextFPNHead',
        ...     in_channels=[32, 32],
        ...     in_index=[0, 1],
        ...     feature_strides=[4, 8],
        ...     channels=16,
        ...     num_classes=3,
        ...     classes=['sky', 'tree', 'building, edifice'],
        ...     arch='mini'))
        >>> maps = [torch.zeros(1, 32, 16, 16), torch.zeros(1, 32, 8, 8)]
        >>> head(maps).shape
        torch.Size([1, 3, 16, 16])

    Args:
        num_classes: Number of classes.
        dataset: Registered name of a data set class whose ``METAINFO`` has ``classes``.
        classes: The names themselves instead, in the order of the labels.
        class_file: A file of them instead, a line for each; words for the same thing
            stand behind commas.
        template: As in ``ClassNamePrompt``. Vermouth: ``'scene'``, a mean of 14.
        arch: Architecture of the prior whose text encoder is used.
        pretrained: Its weights, as in ``StableDiffusionBackbone``.
        projection: CLIP's projection of text, as in ``CosineTextHead``. Vermouth: None.
        temperature: Divisor of the cosines. Vermouth's released head: 1; the only
            config of segmentation in the history of its repository: 0.02.
        **kwargs: Of ``FPNHead``.

    Raises:
        ValueError: The number of names is another one, a name repeats, or the
            temperature is not positive.
    """

    text_digest: Tensor

    def __init__(
        self,
        *,
        num_classes: int,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        class_file: str | Path | None = None,
        template: str | Sequence[str] = 'scene',
        arch: str | Mapping = 'sd15',
        pretrained: str | Path | None = None,
        projection: str | None = None,
        temperature: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_classes=num_classes, **kwargs)
        if temperature <= 0:
            raise ValueError(f'temperature must be positive, got {temperature}')
        self.texts = ClassTexts(
            num_classes,
            dataset,
            classes,
            class_file,
            template,
            arch,
            pretrained,
            projection,
        )
        self.temperature = temperature
        # The host's layer has a channel for each class.
        self.conv_seg = nn.Conv2d(self.channels, self.texts.width, kernel_size=1)
        features = torch.randn(num_classes, self.texts.width)
        self.register_buffer('text_features', F.normalize(features, dim=1))
        self.register_buffer('text_digest', torch.tensor(0))
        self.must_encode = False

    def encode(self, encoder: TextEncoder) -> None:
        """Encodes the names of the classes with a text encoder.

        Args:
            encoder: The prior's.
        """
        super().encode(encoder)
        self.text_digest.fill_(self.texts.digest())
        self.must_encode = False

    def set_classes(self, classes: Sequence[str], encoder: TextEncoder) -> None:
        """Takes other classes in the place of its own.

        Args:
            classes: Their names, two or more.
            encoder: The prior's text encoder.

        Raises:
            ValueError: There are fewer than two names, one repeats, or two are the same
                to the text encoder.
        """
        texts = self.texts.with_names(classes)
        features = texts.encode(encoder).to(self.text_features)
        self.texts, self.text_features = texts, features
        self.text_digest.fill_(texts.digest())
        self.num_classes = self.out_channels = texts.num_classes
        self.must_encode = False

    def cls_seg(self, feat: Tensor) -> Tensor:
        """Compares every pixel with the classes.

        Args:
            feat: Shape (B, channels, h, w).

        Returns:
            Cosines over the temperature, (B, number of classes, h, w).
        """
        if self.dropout is not None:
            feat = self.dropout(feat)
        # In single precision, whatever an AMP wrapper computed before.
        vectors = F.normalize(self.conv_seg(feat).float(), dim=1)  # (B, D, h, w)
        cosines = torch.einsum('bdhw,nd->bnhw', vectors, self.text_features)
        return cosines / self.temperature

    def _load_from_state_dict(
        self, state_dict: dict, prefix: str, *args: object, **kwargs: object
    ) -> None:
        digest = state_dict.get(f'{prefix}text_digest')
        # Features that nobody encoded (0), and unknown names, are the checkpoint's.
        if digest is not None and digest.item() and self.texts.are_known:
            if digest.item() != self.texts.digest():
                self.must_encode = self.text_digest.item() != self.texts.digest()
                for name in ('text_features', 'text_digest'):
                    state_dict[f'{prefix}{name}'] = getattr(self, name)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
