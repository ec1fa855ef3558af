"""Losses of depth maps that a model predicts in one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from diffmm.utils.process_sums import process_count, sum_over_processes

DIRECTIONS = ('vertical', 'horizontal')
# GenPercept adds 2, so that gray in [-1, 1] is positive.
_BELOW = 2


class PixelLoss(nn.Module, ABC):
    """Base class: a loss of gray pictures, averaged over valid pixels of all processes.

    Args:
        loss_weight: Factor on the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self,
        prediction: Tensor,
        target: Tensor,
        valid: Tensor,
        meters: Tensor | None = None,
    ) -> Tensor:
        """Computes the loss.

        Args:
            prediction: Gray in [-1, 1], shape (B, 1, H, W).
            target: Gray in [-1, 1], same shape.
            valid: Which pixels count, bool, same shape.
            meters: The target in meters, same shape, if the codec knows.

        Returns:
            The loss, a scalar. Its mean over processes is the mean over valid pixels;
            0 without any.
        """
        total = self.total(prediction, target, valid, meters) * process_count()
        count = sum_over_processes(valid.sum()).clamp(min=1)
        return self.loss_weight * total / count

    @abstractmethod
    def total(
        self,
        prediction: Tensor,
        target: Tensor,
        valid: Tensor,
        meters: Tensor | None,
    ) -> Tensor:
        """Adds up errors over valid pixels; arguments as for the call."""


@MODELS.register_module()
class SquaredDepthLoss(PixelLoss):
    """Squared errors (GenPercept, weight 1).

    Example:
        >>> loss = MODELS.build(dict(type='SquaredDepthLoss'))
        >>> gray = torch.zeros(1, 1, 4, 4)
        >>> loss(gray, gray + 0.5, torch.ones(1, 1, 4, 4, dtype=torch.bool)).item()
        0.25

    Args:
        loss_weight: Factor on the loss.
    """

    def total(
        self,
        prediction: Tensor,
        target: Tensor,
        valid: Tensor,
        meters: Tensor | None,
    ) -> Tensor:
        """Adds up squared errors; arguments as for the call."""
        return torch.where(valid, prediction - target, 0).square().sum()


@MODELS.register_module()
class AlignedDepthLoss(PixelLoss):
    """Absolute errors after the scale and shift with the smallest squared error.

    E2E-FT trains with it alone, in meters, so that a deep scene counts more than a flat
    one. GenPercept has it in the gray of the picture, with weight 0.5.

    Example:
        >>> loss = MODELS.build(dict(type='AlignedDepthLoss'))
        >>> gray = torch.linspace(-1, 1, 16).view(1, 1, 4, 4)
        >>> valid = torch.ones(1, 1, 4, 4, dtype=torch.bool)
        >>> round(loss(gray / 3 + 0.1, gray, valid).item(), 4)
        0.0

    Args:
        meters: Measure errors in meters; otherwise in the target's gray.
        positive: A picture whose scale would be negative, one that is drawn inside out,
            is multiplied by the ratio of the medians instead, both counted from -2
            (GenPercept as released). E2E-FT takes the negative scale.
        loss_weight: Factor on the loss.
    """

    def __init__(
        self, meters: bool = False, positive: bool = False, loss_weight: float = 1.0
    ) -> None:
        super().__init__(loss_weight)
        self.meters = meters
        self.positive = positive

    def total(
        self,
        prediction: Tensor,
        target: Tensor,
        valid: Tensor,
        meters: Tensor | None,
    ) -> Tensor:
        """Adds up errors of the aligned prediction; arguments as for the call.

        Raises:
            ValueError: Meters are asked for, and the codec knows none.
        """
        if self.meters:
            if meters is None:
                raise ValueError(
                    'AlignedDepthLoss(meters=True) needs a codec that knows meters, as '
                    'AffineDepthCodec does; set meters=False for others'
                )
            target = meters
        scale, shift = fit_scale_and_shift(prediction, target, valid)
        aligned = scale.view(-1, 1, 1, 1) * prediction + shift.view(-1, 1, 1, 1)
        if self.positive:
            aligned = torch.stack(
                [
                    _match_medians(*row) if negative else right
                    for *row, negative, right in zip(
                        prediction, target, valid, scale < 0, aligned, strict=True
                    )
                ]
            )
        return torch.where(valid, (aligned - target).abs(), 0).sum()


@MODELS.register_module()
class DepthGradientLoss(PixelLoss):
    """Absolute errors of the differences of neighboring pixels (GenPercept, weight 2).

    The released code sees differences of rows alone: its index of the columns hits a
    dimension of one channel. ``directions=('vertical',)`` does the same.

    Example:
        >>> loss = MODELS.build(dict(type='DepthGradientLoss'))
        >>> ramp = torch.arange(4.0).view(1, 1, 1, 4).expand(1, 1, 4, 4)
        >>> loss(ramp, 0 * ramp, torch.ones(1, 1, 4, 4, dtype=torch.bool)).item()
        0.75

    Args:
        directions: ``'vertical'``, ``'horizontal'`` or both.
        loss_weight: Factor on the loss.

    Raises:
        ValueError: A direction is unknown, or there is none.
    """

    def __init__(
        self, directions: Sequence[str] = DIRECTIONS, loss_weight: float = 1.0
    ) -> None:
        super().__init__(loss_weight)
        if not directions or set(directions) - set(DIRECTIONS):
            raise ValueError(
                f'directions must be some of {DIRECTIONS}, got {directions}'
            )
        self.directions = tuple(directions)

    def total(
        self,
        prediction: Tensor,
        target: Tensor,
        valid: Tensor,
        meters: Tensor | None,
    ) -> Tensor:
        """Adds up errors of differences; arguments as for the call."""
        errors = torch.where(valid, prediction - target, 0)
        total = errors.new_zeros(())
        for direction in self.directions:
            axis = -2 if direction == 'vertical' else -1
            length = valid.shape[axis] - 1
            pairs = valid.narrow(axis, 1, length) & valid.narrow(axis, 0, length)
            total = total + torch.where(pairs, errors.diff(dim=axis), 0).abs().sum()
        return total


def _match_medians(prediction: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Scales a prediction, (1, H, W), so that its median is the target's."""
    seen, known = prediction + _BELOW, target + _BELOW
    return known[valid].median() / seen[valid].median() * seen - _BELOW


def fit_scale_and_shift(
    prediction: Tensor, target: Tensor, valid: Tensor
) -> tuple[Tensor, Tensor]:
    """Fits a scale and a shift of each picture by least squares.

    The gradient flows through both (E2E-FT, MiDaS).

    Args:
        prediction: Shape (B, 1, H, W).
        target: Same shape.
        valid: Which pixels count, bool, same shape.

    Returns:
        Scales and shifts, each (B,). Both are 0 for a constant prediction, and without
        two valid pixels, as released.
    """
    mask, seen, known = (each.flatten(1) for each in (valid, prediction, target))
    # Rounding may leave a constant prediction a determinant.
    lowest = seen.masked_fill(~mask, torch.inf).amin(1)
    varies = seen.masked_fill(~mask, -torch.inf).amax(1) > lowest
    seen, known = (torch.where(mask, each, 0) for each in (seen, known))
    squares, sums, count = (seen**2).sum(1), seen.sum(1), mask.to(seen).sum(1)
    products, totals = (seen * known).sum(1), known.sum(1)
    determinant = squares * count - sums**2
    solvable = varies & (determinant > 0)
    divisor = torch.where(solvable, determinant, 1)
    scale = (count * products - sums * totals) / divisor
    shift = (squares * totals - sums * products) / divisor
    return torch.where(solvable, scale, 0), torch.where(solvable, shift, 0)
