"""Pictures as vectors in the space of text features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import Tensor


@MODELS.register_module()
class TextAlignedClassifier(BaseModel):
    """A backbone, a neck, and a head of text features: Vermouth for whole pictures.

    It classifies pictures. Trained to classify sketches and photos alike, it retrieves
    photos of classes that it has not seen by the distances of their vectors.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='TextAlignedClassifier',
        ...     backbone=dict(type='TimmBackbone', model='resnet18'),
        ...     head=dict(
        ...         type='CosineTextHead',
        ...         arch='mini',
        ...         num_classes=2,
        ...         classes=['cat', 'dog'],
        ...         pool=dict(
        ...             type='VectorAdapter', in_channels=512, out_channels=128))))
        >>> model(torch.zeros(2, 3, 64, 64)).shape
        torch.Size([2, 128])

    Args:
        backbone: Config of the backbone, such as ``StableDiffusionBackbone``.
        head: Config of a `CosineTextHead`, or of a `LinearHead`, which compares with
            weights of its own.
        neck: Config of what fuses the backbone's maps, such as ``UHead``, or None. Its
            ``in_channels`` are those of the backbone unless it says others.
        data_preprocessor: As in every mmengine model; ``TextImgDataPreprocessor`` where
            the prompt needs captions.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        backbone: Mapping,
        head: Mapping,
        neck: Mapping | None = None,
        data_preprocessor: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.backbone = MODELS.build(dict(backbone))
        self.neck = None
        if neck is not None:
            infos = getattr(self.backbone, 'feature_info', ())
            channels = dict(in_channels=[info.channels for info in infos])
            self.neck = MODELS.build(dict(neck), default_args=channels)
        self.head = MODELS.build(dict(head))

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[BaseDataElement] | None = None,
        mode: str = 'tensor',
    ) -> Tensor | dict[str, Tensor] | list[BaseDataElement]:
        """Computes vectors, losses or predictions.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W), with texts where the prompt
                needs them.
            data_samples: Per picture an element with ``gt_label``.
            mode: ``'tensor'``, ``'loss'`` or ``'predict'``.

        Returns:
            Vectors (B, D); losses; or the samples, each with its ``vector`` of length 1
            and its ``logits`` for the classes of the head.

        Raises:
            ValueError: The mode is another one.
        """
        if mode not in ('tensor', 'loss', 'predict'):
            raise ValueError(
                f"mode must be 'tensor', 'loss' or 'predict', got {mode!r}"
            )
        features = self.backbone(inputs)
        if self.neck is not None:
            features = self.neck(features)
        if mode == 'loss':
            labels = [sample.gt_label for sample in data_samples]
            labels = torch.tensor(labels, device=inputs.device)
            return self.head.loss(features, labels)
        vectors = self.head(features)
        if mode == 'tensor':
            return vectors
        return self._predictions(vectors, data_samples)

    def _predictions(
        self, vectors: Tensor, data_samples: Sequence[BaseDataElement] | None
    ) -> list[BaseDataElement]:
        samples = data_samples or [BaseDataElement() for _ in vectors]
        logits = self.head.logits(vectors)
        vectors = F.normalize(vectors.float(), dim=1)
        for sample, vector, scores in zip(samples, vectors, logits, strict=True):
            sample.vector = vector
            sample.logits = scores
        return list(samples)
