"""Weights of timesteps: how often they are drawn, or how much their errors count."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from .timestep_sampling import TimestepSampler


def normalize_weights(weights: Sequence[float] | Tensor) -> Tensor:
    """Turns weights into probabilities.

    Args:
        weights: Shape (T,).

    Returns:
        Probabilities in double precision, shape (T,).

    Raises:
        ValueError: The weights are no row of finite numbers, one is negative, or they
            sum to nothing.
    """
    given = weights
    try:
        weights = torch.as_tensor(given, dtype=torch.float64).cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            'weights of timesteps must be a row of numbers, one for each, got '
            f'{reprlib.repr(given)}'
        ) from error
    if weights.ndim != 1 or not len(weights):
        raise ValueError(
            'weights of timesteps must be a row of numbers, one for each, got '
            f'{reprlib.repr(given)} of shape {tuple(weights.shape)}'
        )
    known = weights.isfinite()
    if not known.all():
        first = int((~known).nonzero()[0])
        raise ValueError(
            f'weights of timesteps must be finite, got {float(weights[first])} at '
            f'timestep {first}, and in all {int((~known).sum())} that are not finite'
        )
    if (weights < 0).any():
        raise ValueError(
            f'weights of timesteps must not be negative, got {float(weights.min())} at '
            f'timestep {int(weights.argmin())}'
        )
    total = weights.sum()
    if total == 0:
        raise ValueError(
            f'the weights of all {len(weights)} timesteps are 0, so none can be drawn: '
            'give other weights'
        )
    if total.isinf():
        raise ValueError(
            'weights of timesteps are too large to be added up, got up to '
            f'{float(weights.max())}; divide them by it'
        )
    return weights / total


def check_length(weights: Tensor, num_timesteps: int) -> None:
    """Refuses weights of another schedule.

    Args:
        weights: Shape (T,).
        num_timesteps: Length of the schedule.

    Raises:
        ValueError: They differ.
    """
    if len(weights) != num_timesteps:
        raise ValueError(
            f'there are {len(weights)} weights for a schedule of {num_timesteps} '
            'timesteps; give one for each'
        )


def read_weights(path: Path, num_timesteps: int) -> Tensor:
    """Reads the weights that ``tools/analysis_tools/timestep_contribution.py`` wrote.

    Args:
        path: The JSON file.
        num_timesteps: Length T of the schedule.

    Returns:
        Weights that sum to 1, shape (T,).

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is none of the tool, its weights are none, or another number.
    """
    if not path.is_file():
        raise FileNotFoundError(
            'weights must be "schedule", "uniform", a list or a file, and there is no '
            f'file {path}; tools/analysis_tools/timestep_contribution.py writes one'
        )
    try:
        given = json.loads(path.read_text())['weights']
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f'{path} is no file of tools/analysis_tools/timestep_contribution.py: '
            f'{error!r}'
        ) from error
    try:
        weights = normalize_weights(given)
        check_length(weights, num_timesteps)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error
    return weights


class WeightedTimesteps(TimestepSampler):
    """Draws timesteps as often as weights say (ADDP, section 3.1, Figure 2).

    The loss is not weighted then: a timestep counts more because it comes more often.
    Equal weights draw exactly what `UniformTimesteps` does.

    Example:
        >>> sampler = TASK_UTILS.build(
        ...     dict(type='WeightedTimesteps', weights=[0.0, 0.0, 1.0, 3.0]))
        >>> bool((sampler(100, num_timesteps=4) >= 2).all())
        True

    Args:
        weights: Weight of every timestep, shape (T,), not negative; `schedule_weights`
            and `spread_over_timesteps` make some.

    Raises:
        ValueError: The weights are no row of finite numbers, one is negative, or they
            sum to nothing.
    """

    def __init__(self, weights: Sequence[float] | Tensor) -> None:
        self.probabilities = normalize_weights(weights)

    def draw(
        self, count: int, num_timesteps: int, generator: torch.Generator | None
    ) -> Tensor:
        """Draws timesteps; arguments and result as in the base class.

        Raises:
            ValueError: There is not one weight for every timestep.
        """
        check_length(self.probabilities, num_timesteps)
        if (self.probabilities == self.probabilities[0]).all():
            return torch.randint(num_timesteps, (count,), generator=generator)
        return torch.multinomial(
            self.probabilities, count, replacement=True, generator=generator
        )


class TimestepLossWeights:
    """Weighs the errors of timesteps that are drawn equally often.

    The other use of ADDP's contributions (section 3.1, "loss scaling" in Table 5). The
    weights are divided by their mean, so that the size of the loss stays.

    Example:
        >>> weighting = TASK_UTILS.build(
        ...     dict(type='TimestepLossWeights', weights=[1.0, 1.0, 2.0]))
        >>> weighting(torch.tensor([0, 2]))
        tensor([0.7500, 1.5000])

    Args:
        weights: As for `WeightedTimesteps`.

    Raises:
        ValueError: As for `WeightedTimesteps`.
    """

    def __init__(self, weights: Sequence[float] | Tensor) -> None:
        probabilities = normalize_weights(weights)
        # Through the largest, so that equal weights are 1 to the bit.
        relative = probabilities / probabilities.max()
        self.factors = (relative / relative.mean()).float()

    def __call__(self, timesteps: Tensor) -> Tensor:
        """Looks up the weights of timesteps.

        Args:
            timesteps: Shape (B,).

        Returns:
            Weights of their errors, shape (B,).

        Raises:
            ValueError: A timestep has no weight.
        """
        if (timesteps >= len(self.factors)).any():
            raise ValueError(
                f'there are weights for {len(self.factors)} timesteps, and none for '
                f'timestep {int(timesteps.max())}'
            )
        return self.factors.to(timesteps.device)[timesteps]
