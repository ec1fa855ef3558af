"""A model of timm in training: how an expert of the mini world is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import timm
import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import Tensor

from ..experts.timm_pixels import TimmPixels


@MODELS.register_module()
class TimmPictureClassifier(BaseModel):
    """A classifier of timm that learns the labels of pictures.

    ``TimmExpert`` and ``TimmBackbone`` take the weights of its ``network``, and prepare
    pixels as it does.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='TimmPictureClassifier', model='resnet18', num_classes=9))
        >>> model(torch.zeros(2, 3, 64, 64)).shape
        torch.Size([2, 9])

    Args:
        model: Name of the model in timm.
        num_classes: Number of classes.
        data_preprocessor: As in every mmengine model.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        model: str,
        num_classes: int,
        data_preprocessor: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.network = timm.create_model(model, num_classes=num_classes)
        self.pixels = TimmPixels(self.network.pretrained_cfg)

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[BaseDataElement] | None = None,
        mode: str = 'tensor',
    ) -> Tensor | dict[str, Tensor] | list[BaseDataElement]:
        """Computes logits, losses or predictions.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: Per picture an element with ``gt_label``.
            mode: ``'tensor'``, ``'loss'`` or ``'predict'``.

        Returns:
            Logits (B, classes); ``loss_class``; or the samples with their ``logits``.
        """
        logits = self.network(self.pixels(inputs))
        if mode == 'tensor':
            return logits
        if mode == 'loss':
            labels = [sample.gt_label for sample in data_samples]
            labels = torch.tensor(labels, device=inputs.device)
            return dict(loss_class=F.cross_entropy(logits, labels))
        for sample, scores in zip(data_samples, logits, strict=True):
            sample.logits = scores
        return list(data_samples)
