"""Focal loss of every class by itself."""

from __future__ import annotations

import torch.nn.functional as F
from mmengine.registry import MODELS
from torch import Tensor, nn
from torchvision.ops import sigmoid_focal_loss

# Neither class nor background weighs more.
_UNWEIGHTED = -1


@MODELS.register_module()
class ClassFocalLoss(nn.Module):
    r"""Binary focal loss of every class, averaged over pixels and summed over classes.

    .. math::
        L = \sum_c \tfrac{1}{n} \sum_i - (1 - p_{ic})^\gamma \log p_{ic}

    where :math:`p_{ic}` is the probability, a sigmoid of the logit, that pixel i is of
    class c, or that it is not if it is not.

    The loss of TADP's released segmentation of VOC (segmentation_models.pytorch's
    ``FocalLoss``); its paper says cross entropy. mmsegmentation's ``FocalLoss`` fails
    on a CPU.

    Example:
        >>> loss = MODELS.build(dict(type='ClassFocalLoss'))
        >>> labels = torch.tensor([[[0, 1], [1, 255]]])
        >>> round(loss(torch.zeros(1, 2, 2, 2), labels).item(), 3)  # 2 * log(2) / 4
        0.347

    Args:
        gamma: Exponent. TADP: 2.
        loss_weight: Factor on the loss.
        loss_name: Name in the log. Only names that start with ``loss`` are
            back-propagated.
    """

    def __init__(
        self,
        gamma: float = 2.0,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_focal',
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        weight: None = None,
        ignore_index: int = 255,
    ) -> Tensor:
        """Compares logits with labels.

        Args:
            pred: Logits, shape (B, C, H, W).
            target: Labels, shape (B, H, W).
            weight: None; heads of mmsegmentation pass it for pixel samplers.
            ignore_index: Label of pixels that do not count.

        Returns:
            The loss, a scalar; 0 with a gradient of zeros if no pixel counts.

        Raises:
            ValueError: If there are weights.
        """
        if weight is not None:
            raise ValueError('ClassFocalLoss takes no weights of a pixel sampler')
        kept = target != ignore_index
        logits = pred.permute(0, 2, 3, 1)[kept].float()  # (n, C)
        labels = F.one_hot(target[kept].long(), pred.shape[1]).float()  # (n, C)
        losses = sigmoid_focal_loss(logits, labels, _UNWEIGHTED, self.gamma)
        return self.loss_weight * losses.sum() / max(len(logits), 1)
