"""The contribution of each timestep to a prediction (ADDP, section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from .timestep_weights import normalize_weights

READINGS = ('alpha_bar', 'alpha')
OWNERS = ('below', 'above')
# Fewer samples than ten per column let chance explain the final metric.
SAMPLES_PER_COLUMN = 10


def schedule_weights(schedule: DDPMScheduler, reading: str = 'alpha_bar') -> Tensor:
    r"""Contributions by the noise schedule (ADDP, equation 3).

    :math:`c_t^2 = \frac{1 - \alpha_t}{\alpha_t}`, divided by the sum over all
    timesteps: the share of noise per signal.

    A schedule that ends in pure noise (zero terminal SNR) has no finite ratio at its
    end, and its last ten timesteps would get nearly all of the rest. There each ratio
    is limited to that of the last timestep before the schedule was rescaled. The paper
    has no such schedule; the limit is ours.

    Args:
        schedule: The noise schedule, T timesteps.
        reading: ``'alpha_bar'`` takes the product of all alphas up to t, for which
            equation 3 holds. ``'alpha'`` is what the paper prints; it hardly favors
            early steps (of Stable Diffusion's: 39 % of the weight at t >= 800, where
            ``'alpha_bar'`` has 84 %).

    Returns:
        Weights in double precision that sum to 1, shape (T,).

    Raises:
        ValueError: The reading is unknown, all timesteps are pure noise, or the betas
            themselves, not their rescaling, end in it.
    """
    check_reading(reading)
    config = dict(schedule.config)
    plain = DDPMScheduler.from_config({**config, 'rescale_betas_zero_snr': False})
    limit = _noise_ratio(plain, reading)[-1]
    ratios = _noise_ratio(schedule, reading)
    if ratios.isinf().all():
        raise ValueError(
            'every timestep of this schedule is pure noise, so none contributes more '
            'than another; train it without contributions'
        )
    if limit.isinf():
        raise ValueError(
            "this schedule's own betas end in pure noise (the last is "
            f'{float(plain.betas[-1]):g}), so nothing limits the contribution of its '
            'end; give weights of your own, or perception statistics'
        )
    return normalize_weights(ratios.clamp(max=limit))


def add_floor(weights: Sequence[float] | Tensor, floor: float) -> Tensor:
    """Mixes weights with equal ones, so that no timestep is never trained.

    Args:
        weights: Shape (T,).
        floor: Share of the equal weights, from 0 to 1. Ours; the paper says nothing of
            one, but a denoising visits all timesteps.

    Returns:
        Weights that sum to 1, shape (T,).

    Raises:
        ValueError: The floor is out of range, or the weights are no weights.
    """
    check_floor(floor)
    weights = normalize_weights(weights)
    return (1 - floor) * weights + floor / len(weights)


def find_owners(
    timesteps: Sequence[int], num_timesteps: int, owns: str = 'below'
) -> Tensor:
    """Finds for every timestep of the schedule the column that stands for it.

    Args:
        timesteps: Timesteps of the columns, falling.
        num_timesteps: Length T of the schedule.
        owns: ``'below'``: a column stands for the timesteps from its own down to the
            next one, the last for all below, and the first also for those above it
            ("trailing" denoising). ``'above'``: from its own up to the one before, the
            last one also for those below ("leading").

    Returns:
        Index of a column for each timestep, shape (T,).

    Raises:
        ValueError: ``owns`` is unknown, or as for `check_timesteps`.
    """
    if owns not in OWNERS:
        raise ValueError(f'owns must be one of {OWNERS}, got {owns!r}')
    check_timesteps(timesteps, num_timesteps)
    steps = torch.as_tensor(timesteps)
    every = torch.arange(num_timesteps)[:, None]
    if owns == 'below':
        owner = (steps >= every).sum(dim=1) - 1
    else:
        owner = (steps > every).sum(dim=1)
    return owner.clamp(0, len(steps) - 1)


def spread_over_timesteps(
    contributions: Sequence[float] | Tensor,
    timesteps: Sequence[int],
    num_timesteps: int,
    owns: str = 'below',
) -> Tensor:
    """Spreads the contributions of some timesteps over all of the schedule.

    Each one is shared equally by the timesteps that its column stands for, so it keeps
    its mass however close together columns are. (The paper does not say how it covers
    a schedule.)

    Args:
        contributions: One for each column, shape (S,).
        timesteps: Timesteps of the columns, falling.
        num_timesteps: Length T of the schedule.
        owns: As for `find_owners`.

    Returns:
        Weights that sum to 1, shape (T,).

    Raises:
        ValueError: There is not one contribution for every column, or as for
            `find_owners` and `normalize_weights`.
    """
    masses = normalize_weights(contributions)
    if len(masses) != len(timesteps):
        raise ValueError(
            f'there are {len(masses)} contributions for {len(timesteps)} timesteps'
        )
    owner = find_owners(timesteps, num_timesteps, owns)
    counts = owner.bincount(minlength=len(masses))
    return normalize_weights((masses / counts.clamp(min=1))[owner])


def incremental_r2(
    metric: Sequence[Sequence[float]] | Tensor,
    final: Sequence[float] | Tensor | None = None,
    timesteps: Sequence[int] | None = None,
) -> Tensor:
    """Contributions by perception statistics (ADDP, section 3.1).

    The final metric is regressed on that of the first denoising step; then the steps
    are added one by one. The contribution of a step is how much it raises the
    coefficient of determination R2, which is the squared correlation of the final
    metric with what the earlier steps do not explain of this one.

    A column that is constant, or that earlier ones determine, contributes nothing.
    Samples with a value that is not finite are left out.

    Args:
        metric: The metric of N samples after S denoising steps, the first step first,
            shape (N, S).
        final: The final metric, shape (N,); by default the last column, whose
            contributions then sum to 1.
        timesteps: Those of the columns, for messages.

    Returns:
        Contributions in double precision, shape (S,).

    Raises:
        ValueError: There are less than ten samples for every column, the final metric
            is the same for all, or the shapes are others.
    """
    metric = torch.as_tensor(metric, dtype=torch.float64)
    if metric.ndim != 2 or not metric.shape[1]:
        raise ValueError(
            'the metric must have a row for each sample and a column for each step, '
            f'got shape {tuple(metric.shape)}'
        )
    final = metric[:, -1] if final is None else final
    final = torch.as_tensor(final, dtype=torch.float64)
    if final.shape != metric.shape[:1]:
        raise ValueError(
            f'the final metric must be one number for each of {len(metric)} samples, '
            f'got shape {tuple(final.shape)}'
        )
    known = metric.isfinite().all(dim=1) & final.isfinite()
    metric, final = metric[known], final[known]
    samples, count = metric.shape
    if samples < SAMPLES_PER_COLUMN * count:
        where = '' if timesteps is None else f' (t = {", ".join(map(str, timesteps))})'
        raise ValueError(
            f'{samples} samples with a finite metric ({len(known)} were measured) are '
            f'too few for {count} columns{where}: chance alone would explain the final '
            f'metric. Measure at least {SAMPLES_PER_COLUMN * count}, or fewer timesteps'
        )
    spread = final - final.mean()
    total = spread.square().sum()
    if total <= 1e-20 * final.square().sum():
        raise ValueError(
            f'the final metric is {final[0].item():g} for all {samples} samples, so no '
            'step explains it; train longer before measuring, or take another metric'
        )
    directions: list[Tensor] = []
    increments = []
    for values in metric.T:
        column = values - values.mean()
        rest = column
        for _ in range(2):  # orthogonal to full precision after the second time
            for direction in directions:
                rest = rest - (direction @ rest) * direction
        length = rest.norm()
        if length <= max(1e-10 * column.norm(), 1e-13 * values.norm()):
            increments.append(torch.zeros((), dtype=torch.float64))
            continue
        directions.append(rest / length)
        increments.append((directions[-1] @ spread).square() / total)
    return torch.stack(increments)


def describe_weights(weights: Sequence[float] | Tensor) -> dict[str, float]:
    """Summarizes weights of timesteps.

    Args:
        weights: Shape (T,).

    Returns:
        ``mean_timestep``; ``share_noisiest_fifth``, the weight of the last fifth of the
        schedule; and ``effective_timesteps``, the number of timesteps with equal
        weights that are as concentrated, 1 / sum p^2.
    """
    weights = normalize_weights(weights)
    length = len(weights)
    return dict(
        mean_timestep=float(weights @ torch.arange(length).double()),
        share_noisiest_fifth=float(weights[length * 4 // 5 :].sum()),
        effective_timesteps=float(1 / weights.square().sum()),
    )


def check_reading(reading: str) -> None:
    """Refuses a reading of equation 3 that is none.

    Args:
        reading: As for `schedule_weights`.

    Raises:
        ValueError: It is unknown.
    """
    if reading not in READINGS:
        raise ValueError(f'reading must be one of {READINGS}, got {reading!r}')


def check_floor(floor: float) -> None:
    """Refuses a floor that is no share.

    Args:
        floor: As for `add_floor`.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(floor, Real) or not 0 <= floor <= 1:
        raise ValueError(f'floor must lie in [0, 1], got {floor!r}')


def check_timesteps(timesteps: Sequence[int], num_timesteps: int) -> None:
    """Refuses timesteps that no denoising visits in their order.

    Args:
        timesteps: The timesteps.
        num_timesteps: Length T of the schedule.

    Raises:
        ValueError: They are not whole, do not fall, or lie outside of it.
    """
    try:
        steps = torch.as_tensor(timesteps)
    except (TypeError, ValueError, RuntimeError):
        steps = torch.empty(0)
    whole = steps.ndim == 1 and len(steps) > 0 and not steps.is_floating_point()
    falls = whole and bool((steps[1:] < steps[:-1]).all())
    if not falls or steps[-1] < 0 or steps[0] >= num_timesteps:
        raise ValueError(
            'timesteps must fall, be whole numbers, and lie between 0 and the last of '
            f'the schedule ({num_timesteps - 1}), got {timesteps!r}'
        )


def _noise_ratio(schedule: DDPMScheduler, reading: str) -> Tensor:
    """(1 - a) / a of every timestep, infinite for pure noise, (T,)."""
    if reading == 'alpha':
        alphas = 1 - schedule.betas.double()
    else:
        alphas = schedule.alphas_cumprod.double()
    return (1 - alphas) / alphas
