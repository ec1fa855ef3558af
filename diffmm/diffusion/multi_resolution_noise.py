"""Noise of several resolutions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from diffmm.utils.process_sums import sum_over_processes

_MAX_LEVELS = 10


class MultiResolutionNoise:
    """Annealed multi-resolution noise, as Marigold is trained with it.

    White noise of ever smaller resolutions is enlarged and added, level i with the
    weight ``s ** i``. The strength s of a sample falls with its timestep, so that
    almost clean samples get white noise (Marigold, section 3.2; released code,
    strategy "original").

    The sum is divided by the standard deviation of the whole batch, over all processes.
    With a generator for every sample, each sample has a pyramid of its own sizes; the
    released code draws one for the batch, as a single generator does here.

    Example:
        >>> noise = TASK_UTILS.build(dict(type='MultiResolutionNoise'))
        >>> noise(torch.zeros(2, 4, 8, 8), torch.tensor([10, 900])).shape
        torch.Size([2, 4, 8, 8])

    Args:
        strength: Strength at the last timestep. Marigold: 0.9.
        num_timesteps: Length of the schedule.

    Raises:
        ValueError: The strength is outside [0, 1].
    """

    def __init__(self, strength: float = 0.9, num_timesteps: int = 1000) -> None:
        if not 0 <= strength <= 1:
            raise ValueError(f'strength must lie in [0, 1], got {strength}')
        self.strength = strength
        self.num_timesteps = num_timesteps

    def __call__(
        self,
        latents: Tensor,
        timesteps: Tensor,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
    ) -> Tensor:
        """Draws noise; arguments as for `GaussianNoise`. Generators draw on the CPU."""
        strengths = self.strength * timesteps.cpu() / self.num_timesteps
        if generator is None or isinstance(generator, torch.Generator):
            noise = pyramid_noise(tuple(latents.shape), strengths, generator)
        else:
            shape = (1, *latents.shape[1:])
            rows = zip(strengths.split(1), generator, strict=True)
            noise = torch.cat([pyramid_noise(shape, *row) for row in rows])
        noise = noise.to(latents.device)
        return (noise / _standard_deviation(noise)).to(latents.dtype)


def pyramid_noise(
    shape: tuple[int, int, int, int],
    strengths: Tensor,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Adds up white noise of falling resolutions.

    Args:
        shape: Of the result, (B, C, H, W).
        strengths: Of every sample, shape (B,).
        generator: Where the random numbers come from.

    Returns:
        Noise, not normalized, on the CPU.
    """
    batch, channels, *full = shape
    height, width = full
    noise = torch.randn(shape, generator=generator)
    for level in range(_MAX_LEVELS):
        # The factor is drawn anew at every level; the first level is the full size.
        factor = (2 + 2 * torch.rand(1, generator=generator).item()) ** level
        height, width = (max(1, int(side / factor)) for side in (height, width))
        white = torch.randn(batch, channels, height, width, generator=generator)
        weights = (strengths**level).view(-1, 1, 1, 1)
        noise = noise + weights * F.interpolate(white, full, mode='bilinear')
        if 1 in (height, width):
            break
    return noise


def _standard_deviation(noise: Tensor) -> Tensor:
    """Computes the unbiased standard deviation over the batches of all processes."""
    values = noise.double()
    moments = torch.stack([values.sum(), values.square().sum()])
    count = torch.full_like(moments[:1], noise.numel())
    total, squares, number = sum_over_processes(torch.cat([moments, count]))
    return ((squares - total**2 / number) / (number - 1)).sqrt().to(noise)
