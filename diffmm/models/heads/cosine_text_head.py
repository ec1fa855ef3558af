"""A classifier whose weights are the text features of class names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor

from .class_texts import ClassTexts, TextWeights


@MODELS.register_module()
class CosineTextHead(TextWeights, BaseModule):
    """Vectors of pictures, compared with the text features of class names.

    Vermouth, equations 9 and 11. The text features are a buffer, so a checkpoint
    carries them.

    Example:
        >>> head = MODELS.build(dict(
        ...     type='CosineTextHead',
        ...     arch='mini',
        ...     num_classes=2,
        ...     classes=['cat', 'dog'],
        ...     pool=dict(type='AttentionPool', in_channels=64, out_channels=128)))
        >>> vectors = head([torch.zeros(3, 64, 4, 4)])
        >>> head.logits(vectors).shape
        torch.Size([3, 2])

    Args:
        pool: Config of what makes a vector of the features, as wide as the text's:
            ``AttentionPool`` or ``VectorAdapter``.
        num_classes: Number of classes.
        classes: Their names, in the order of the labels.
        class_file: A file of them instead: a line for each, as
            ``SketchRetrievalDataset`` reads it, or a split file, as
            ``ClassificationSplitDataset`` does. Read when training starts.
        template: A sentence with ``{}``, or several whose features are averaged, before
            they are normalized. Vermouth's retrieval: "a photo of {}".
        arch: Architecture of the prior whose text encoder is used.
        pretrained: Its weights, as in ``StableDiffusionBackbone``.
        projection: CLIP's projection of text behind its encoder, which Stable Diffusion
            does not have: a hub id or a folder of CLIP with it, such as
            ``'openai/clip-vit-large-patch14'`` (Vermouth's retrieval); None for the
            encoder's own features (its classification and segmentation).
        temperature: Divisor of the cosines. Released: 0.2 in classification, 0.2 /
            ln(100) in retrieval, 1 in segmentation.
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: The number of names is another one, a name repeats, or the
            temperature is not positive.
    """

    def __init__(
        self,
        pool: Mapping,
        num_classes: int,
        classes: Sequence[str] | None = None,
        class_file: str | Path | None = None,
        template: str | Sequence[str] = 'a photo of a {}',
        arch: str | Mapping = 'sd15',
        pretrained: str | Path | None = None,
        projection: str | None = None,
        temperature: float = 0.2,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if temperature <= 0:
            raise ValueError(f'temperature must be positive, got {temperature}')
        self.texts = ClassTexts(
            num_classes,
            classes=classes,
            class_file=class_file,
            template=template,
            arch=arch,
            pretrained=pretrained,
            projection=projection,
        )
        self.pool = MODELS.build(dict(pool))
        self.temperature = temperature
        features = torch.randn(num_classes, self.texts.width)
        self.register_buffer('text_features', F.normalize(features, dim=1))

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Makes vectors of features.

        Args:
            features: What neck or backbone return.

        Returns:
            Vectors (B, D), not normalized.
        """
        return self.pool(features)

    def logits(self, vectors: Tensor) -> Tensor:
        """Compares vectors with the classes.

        Args:
            vectors: Shape (B, D).

        Returns:
            Cosines over the temperature, (B, number of classes).
        """
        # In single precision, whatever an AMP wrapper computed before.
        vectors = F.normalize(vectors.float(), dim=1)
        return vectors @ self.text_features.T / self.temperature

    def loss(self, features: Sequence[Tensor], labels: Tensor) -> dict[str, Tensor]:
        """Computes the cross entropy.

        Args:
            features: What neck or backbone return.
            labels: Classes, (B,).

        Returns:
            ``loss_text``, and the share of right classes as ``accuracy``.
        """
        logits = self.logits(self(features))
        accuracy = (logits.argmax(1) == labels).float().mean()
        return dict(loss_text=F.cross_entropy(logits, labels), accuracy=accuracy)
