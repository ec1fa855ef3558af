"""The timesteps that a diffusion model is trained at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor


class TimestepSampler(ABC):
    """Draws the timesteps of a batch; a subclass says from which distribution."""

    def __call__(
        self,
        count: int,
        num_timesteps: int,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
    ) -> Tensor:
        """Draws timesteps on the CPU.

        Args:
            count: Number of samples B.
            num_timesteps: Length T of the schedule.
            generator: Where the random numbers come from: torch's default generator,
                another one, or one for every sample, whose timestep then does not
                depend on its batch.

        Returns:
            Timesteps from 0 (almost clean) to T - 1, shape (B,).

        Raises:
            ValueError: There is not one generator for every sample.
        """
        if generator is None or isinstance(generator, torch.Generator):
            return self.draw(count, num_timesteps, generator)
        if len(generator) != count:
            raise ValueError(
                f'expected one generator for each of {count} samples, got '
                f'{len(generator)}'
            )
        return torch.cat([self.draw(1, num_timesteps, own) for own in generator])

    @abstractmethod
    def draw(
        self, count: int, num_timesteps: int, generator: torch.Generator | None
    ) -> Tensor:
        """Draws timesteps from one generator.

        Args:
            count: Number of samples B.
            num_timesteps: Length T of the schedule.
            generator: The generator, None for torch's default.

        Returns:
            Timesteps, shape (B,).
        """


class UniformTimesteps(TimestepSampler):
    """Draws every timestep equally often, as Stable Diffusion and Marigold do.

    Example:
        >>> sampler = TASK_UTILS.build(dict(type='UniformTimesteps'))
        >>> sampler(4, num_timesteps=1000).shape
        torch.Size([4])
        >>> low = TASK_UTILS.build(dict(type='UniformTimesteps', end=201))
        >>> bool((low(100, num_timesteps=1000) <= 200).all())
        True

    Args:
        begin: First timestep.
        end: The timestep behind the last one; None for the schedule's length. With
            both equal to one timestep (``begin=999, end=1000``) all samples have it,
            as E2E-FT trains.

    Raises:
        ValueError: The range is empty or negative.
    """

    def __init__(self, begin: int = 0, end: int | None = None) -> None:
        if begin < 0 or (end is not None and end <= begin):
            raise ValueError(
                'begin must be a timestep and end a larger one behind the last, got '
                f'begin={begin}, end={end}'
            )
        self.begin = begin
        self.end = end

    def draw(
        self, count: int, num_timesteps: int, generator: torch.Generator | None
    ) -> Tensor:
        """Draws timesteps; arguments and result as in the base class.

        Raises:
            ValueError: The range reaches beyond the schedule.
        """
        end = num_timesteps if self.end is None else self.end
        if not self.begin < end <= num_timesteps:
            raise ValueError(
                f'timesteps from {self.begin} to {end - 1} reach beyond the last of '
                f'{num_timesteps}; lower begin or end'
            )
        return torch.randint(self.begin, end, (count,), generator=generator)


class FavoredTimesteps(TimestepSampler):
    """Draws a share of the timesteps from a range, and the others from all.

    Example:
        >>> sampler = TASK_UTILS.build(
        ...     dict(type='FavoredTimesteps', share=1.0, favored=(80, 700)))
        >>> timesteps = sampler(4, num_timesteps=1000)
        >>> bool((80 <= timesteps).all() and (timesteps < 700).all())
        True

    Args:
        share: Share of the timesteps that come from the range.
        favored: First timestep of the range, and the one behind its last.

    Raises:
        ValueError: The share is outside [0, 1], or the range is empty or negative.
    """

    def __init__(self, share: float, favored: tuple[int, int]) -> None:
        low, high = favored
        if not 0 <= share <= 1:
            raise ValueError(f'share must lie in [0, 1], got {share}')
        if not 0 <= low < high:
            raise ValueError(
                'favored must be a first timestep and a larger one behind the last, '
                f'got {tuple(favored)}'
            )
        self.share = share
        self.favored = (low, high)

    def draw(
        self, count: int, num_timesteps: int, generator: torch.Generator | None
    ) -> Tensor:
        """Draws timesteps; arguments and result as in the base class.

        Raises:
            ValueError: The range reaches beyond the schedule.
        """
        low, high = self.favored
        if high > num_timesteps:
            raise ValueError(
                f'favored={self.favored} reaches beyond the last of {num_timesteps} '
                'timesteps; lower it'
            )
        everywhere = torch.randint(num_timesteps, (count,), generator=generator)
        inside = torch.randint(low, high, (count,), generator=generator)
        chance = torch.rand(count, generator=generator)
        return torch.where(chance < self.share, inside, everywhere)
