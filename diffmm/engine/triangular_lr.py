"""A learning rate that rises to its base value and falls again."""

from __future__ import annotations

from typing import Any

from mmengine.optim import _ParamScheduler
from mmengine.registry import PARAM_SCHEDULERS
from torch.optim import Optimizer

# The value that mmengine's schedulers use for "no end".
_OPEN_END = int(1e9)


@PARAM_SCHEDULERS.register_module()
class TriangularLR(_ParamScheduler):
    r"""Raises the learning rate to its base value, lowers it again, and keeps it low.

    With :math:`\eta` the learning rate of the optimizer's config, :math:`r` the ratio,
    :math:`h` the half period and :math:`n = 1, 2, ...` the number of the step:

    .. math::
        \eta_n = \eta \cdot \begin{cases}
            r + (1 - r) (n / h)^p & n < h \\
            1 - (1 - r) (n / h - 1)^p & h \le n < 2h \\
            r & 2h \le n
        \end{cases}

    The fall is not the mirror image of the rise: with :math:`p < 1` both are fast at
    first.

    This is the schedule of VPD's released depth estimation: from 3e-5 to 5e-4
    (``eta_min_ratio=0.06``), power 0.9, and a half period of half the epochs, rounded
    down (12 of 25, so the last epoch runs at the minimum). The ratio is the same for
    all groups: the UNet, with a hundredth of the learning rate, moves between 3e-7 and
    5e-6.

    For a run of one epoch, the released code divides by a half period of zero. Here the
    half period is then half of the epoch's iterations, at least one, so the rate rises
    in the first half of the epoch and falls in the second. This needs
    ``convert_to_iter_based=True``.

    A value follows from the step and the base value alone. The scheduler can therefore
    not be chained: it overwrites an earlier entry of ``param_scheduler``.

    Example:
        >>> layer = torch.nn.Linear(1, 1)
        >>> optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
        >>> scheduler = PARAM_SCHEDULERS.build(dict(
        ...     type='TriangularLR', optimizer=optimizer, eta_min_ratio=0.5, power=1.0,
        ...     half_period=2, by_epoch=False))
        >>> for _ in range(4):
        ...     optimizer.step()
        ...     scheduler.step()
        ...     print(optimizer.param_groups[0]['lr'])
        1.0
        0.75
        0.5
        0.5

    Args:
        optimizer: Wrapped optimizer.
        eta_min_ratio: Lowest learning rate, as a share of each group's own.
        power: Exponent p of both flanks.
        half_period: Steps of the rise and of the fall. By default half of
            ``end - begin``, rounded down, but at least one.
        begin: Step at which the schedule starts.
        end: Step at which it stops; the Runner fills in the length of the run.
        last_step: Index of the last step, for resuming without a state dict.
        by_epoch: Whether a step is an epoch. With ``convert_to_iter_based=True`` the
            arguments are epochs, and a step is an iteration.
        verbose: Whether to print each value.

    Raises:
        ValueError: The ratio is outside [0, 1], the power or half period is not
            positive, or neither ``end`` nor ``half_period`` is known.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        eta_min_ratio: float = 0.06,
        power: float = 0.9,
        half_period: int | None = None,
        begin: int = 0,
        end: int = _OPEN_END,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if not 0 <= eta_min_ratio <= 1:
            raise ValueError(f'eta_min_ratio must be in [0, 1], got {eta_min_ratio}')
        if power <= 0:
            raise ValueError(f'power must be positive, got {power}')
        if half_period is None:
            if end >= _OPEN_END:
                raise ValueError(
                    'TriangularLR has to know its length: give it end or half_period'
                )
            half_period = max((end - begin) // 2, 1)
        if half_period < 1:
            raise ValueError(f'half_period must be at least 1, got {half_period}')
        self.eta_min_ratio = eta_min_ratio
        self.power = power
        self.half_period = half_period
        super().__init__(optimizer, 'lr', begin, end, last_step, by_epoch, verbose)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        half_period: int | None = None,
        begin: int = 0,
        end: int = _OPEN_END,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs: Any,
    ) -> TriangularLR:
        """Builds a scheduler that counts iterations from arguments in epochs.

        Args:
            *args: As those of the class.
            half_period: In epochs.
            begin: In epochs.
            end: In epochs.
            by_epoch: Has to be True.
            epoch_length: Iterations of an epoch.
            **kwargs: As those of the class.

        Returns:
            The scheduler.

        Raises:
            ValueError: The arguments are not in epochs, or an epoch has no length.
        """
        if not by_epoch:
            raise ValueError(
                'only a schedule in epochs (by_epoch=True) is converted, got '
                f'by_epoch={by_epoch!r}'
            )
        if epoch_length is None or epoch_length < 1:
            raise ValueError(f'epoch_length must be positive, got {epoch_length}')
        if half_period is None and end < _OPEN_END:
            # Whole epochs, as released. One epoch has no half: None means half of its
            # iterations.
            half_period = (end - begin) // 2 or None
        if half_period is not None:
            half_period = int(half_period * epoch_length)
        if end < _OPEN_END:
            end = int(end * epoch_length)
        return cls(
            *args,
            half_period=half_period,
            begin=int(begin * epoch_length),
            end=end,
            by_epoch=False,
            **kwargs,
        )

    def _get_value(self) -> list[float]:
        """Computes the learning rate of every group."""
        factor = self._factor(self.last_step + 1)
        return [value * factor for value in self.base_values]

    def _factor(self, step: int) -> float:
        progress = step / self.half_period
        if step < self.half_period:
            height = progress**self.power
        else:
            height = max(0.0, 1 - (progress - 1) ** self.power)
        return self.eta_min_ratio + (1 - self.eta_min_ratio) * height
