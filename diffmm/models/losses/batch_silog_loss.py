"""Scale-invariant logarithmic loss over the pixels of a whole batch."""

from __future__ import annotations

import warnings

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

# A smaller spread counts as a perfect fit.
_PERFECT_FIT = 1e-12


@MODELS.register_module()
class BatchSiLogLoss(nn.Module):
    r"""Scale-invariant loss of depth, taken over all valid pixels of a batch at once.

    .. math::
        L = \sqrt{\tfrac{1}{n} \sum d^2 - \lambda (\tfrac{1}{n} \sum d)^2},
        \quad d = \log t - \log p

    This is the loss of the released VPD. mmsegmentation's ``SiLogLoss`` takes the root
    of each image and averages, so that an image with few valid pixels weighs as much
    as a dense one; its gradient at a perfect fit is NaN.

    Here a perfect fit has loss and gradient zero. An image without a valid pixel adds
    nothing; the first causes a warning, all are counted. If no image of a batch has a
    valid pixel, loss and gradients are zero, so distributed training goes on.

    Example:
        >>> loss = MODELS.build(dict(type='BatchSiLogLoss'))
        >>> depth = torch.full((2, 1, 4, 4), 3.0)
        >>> round(loss(2 * depth, depth).item(), 3)  # sqrt(0.5) * log(2)
        0.49

    Args:
        lambd: Weight :math:`\lambda` of the scale. VPD, Meta Prompts and
            mmsegmentation: 0.5; 1 ignores the scale.
        min_depth: Depth in meters above which a target is valid. VPD and Meta Prompts:
            0; mmsegmentation: 1e-6.
        eps: Smallest prediction in meters; smaller ones are raised to it before the
            logarithm. mmsegmentation: 1e-6. VPD has none, and takes the logarithm of 0
            where a sigmoid underflows.
        loss_weight: Factor on the loss.
        loss_name: Name in the log. Only names that start with ``loss`` are
            back-propagated.

    Attributes:
        num_skipped: Number of images without valid depth so far, in this process.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        lambd: float = 0.5,
        min_depth: float = 0.0,
        eps: float = 1e-6,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_silog',
    ) -> None:
        super().__init__()
        if not 0 <= lambd <= 1:
            raise ValueError(f'lambd must be in [0, 1], got {lambd}')
        if min_depth < 0:
            raise ValueError(f'min_depth must not be negative, got {min_depth}')
        if eps <= 0:
            raise ValueError(f'eps must be positive, got {eps}')
        self.lambd = lambd
        self.min_depth = min_depth
        self.eps = eps
        self.loss_weight = loss_weight
        self.loss_name = loss_name
        self.num_skipped = 0

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Compares predicted with measured depth.

        Args:
            pred: Predicted depth in meters, shape (B, 1, H, W) or (B, H, W).
            target: Measured depth in meters, of the same shape; 0, NaN or infinite
                where it is unknown.

        Returns:
            The loss, a scalar.

        Raises:
            ValueError: If the shapes differ.
        """
        if pred.shape != target.shape:
            raise ValueError(
                f'pred of shape {tuple(pred.shape)} and target of shape '
                f'{tuple(target.shape)} must agree'
            )
        valid = torch.isfinite(target) & (target > self.min_depth)
        self._count_skipped(valid)
        # 1. Logarithmic error, in float32 also under autocast. (n,)
        log_pred = pred[valid].float().clamp(min=self.eps).log()
        error = target[valid].float().log() - log_pred
        if error.numel() == 0:
            return error.sum()  # 0, with a gradient of zeros
        # 2. The mean square less a share of the squared mean. Rounding can make it
        #    slightly negative.
        spread = error.square().mean() - self.lambd * error.mean().square()
        # 3. The root, unless its gradient would be 0 / 0.
        if spread <= _PERFECT_FIT:
            return spread * 0
        return self.loss_weight * spread.sqrt()

    def _count_skipped(self, valid: Tensor) -> None:
        skipped = int((~valid.flatten(1).any(dim=1)).sum())
        if skipped and not self.num_skipped:
            warnings.warn(
                f'{skipped} of {len(valid)} images have no valid depth (above '
                f'{self.min_depth} m) and are left out of the loss. Later ones are '
                "counted in the loss's `num_skipped` without another warning",
                stacklevel=3,
            )
        self.num_skipped += skipped
