"""A linear layer on a vector: the probe of a frozen backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class LinearHead(BaseModule):
    """Logits of a vector by one linear layer: the baselines of Vermouth's Table 4.

    Example:
        >>> head = MODELS.build(dict(
        ...     type='LinearHead', in_channels=512, num_classes=3))
        >>> head([torch.zeros(2, 512)]).shape
        torch.Size([2, 3])
        >>> head.loss([torch.zeros(2, 512)], torch.tensor([0, 2]))['loss_class'].shape
        torch.Size([])

    Args:
        in_channels: Width of the vector.
        num_classes: Number of classes.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self, in_channels: int, num_classes: int, init_cfg: Mapping | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.linear = nn.Linear(in_channels, num_classes)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Computes the logits of the last vector.

        Args:
            features: What the backbone returns; the last one has the shape
                (B, in_channels).

        Returns:
            Shape (B, number of classes).
        """
        return self.linear(features[-1])

    def logits(self, vectors: Tensor) -> Tensor:
        """Returns what `forward` made, which are logits already.

        Args:
            vectors: Shape (B, number of classes).
        """
        return vectors

    def loss(self, features: Sequence[Tensor], labels: Tensor) -> dict[str, Tensor]:
        """Computes the cross entropy.

        Args:
            features: As for `forward`.
            labels: Classes, shape (B,).

        Returns:
            ``loss_class``, and the share of right classes as ``accuracy``.
        """
        logits = self(features)
        accuracy = (logits.argmax(1) == labels).float().mean()
        return dict(loss_class=F.cross_entropy(logits, labels), accuracy=accuracy)
