"""The noise of latents before a feature pass: DDPM's, or DDIM's inversion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from .objective import GaussianNoise
from .schedule import at_least_single, build_schedule

PredictNoise = Callable[[Tensor, int], Tensor]


class DDPMNoising:
    """Gaussian noise of a timestep, one for every sample.

    Attributes:
        noise: Draws the noise, as `GaussianNoise`.
    """

    needs_prediction = False

    def __init__(self) -> None:
        self.schedule = build_schedule()
        self.noise: Callable[..., Tensor] = GaussianNoise()

    def __call__(
        self,
        latents: Tensor,
        timestep: int | Tensor,
        seeds: Sequence[int],
        predict_noise: PredictNoise | None = None,
    ) -> Tensor:
        """Adds noise.

        Args:
            latents: Scaled latents, (B, 4, h, w).
            timestep: How much, or for every sample, shape (B,).
            seeds: Seed of every sample. A sample has one noise for all timesteps.
            predict_noise: Not used.

        Returns:
            Noisy latents.
        """
        # On the CPU, so that every device sees the same noise.
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        timesteps = torch.as_tensor(timestep, device=latents.device)
        timesteps = timesteps.expand(len(latents))
        noise = self.noise(latents, timesteps, generators)
        noisy = self.schedule.add_noise(
            at_least_single(latents), at_least_single(noise), timesteps
        )
        return noisy.to(latents.dtype)


class DDIMInversion:
    """The deterministic path from clean latents to a timestep.

    Each step from s to t takes the noise that the UNet predicts for the latents at
    time s, on Stable Diffusion's own schedule: Euler's method for the ODE of Song et
    al.'s DDIM. (Null-text inversion labels the latents with t instead.) Clean latents
    count as time 0. The prediction is conditional alone, without guidance.

    Vermouth's released code has a linear schedule, clamps the clean latents and makes
    no step at all for a single timestep.

    Args:
        steps: Number of steps of equal length; fewer where the timestep is smaller.

    Raises:
        ValueError: There is no step.
    """

    needs_prediction = True

    def __init__(self, steps: int = 10) -> None:
        if steps < 1:
            raise ValueError(f'DDIM inversion needs at least 1 step, got {steps}')
        self.schedule = build_schedule()
        self.steps = steps

    def __call__(
        self,
        latents: Tensor,
        timestep: int,
        seeds: Sequence[int],
        predict_noise: PredictNoise,
    ) -> Tensor:
        """Inverts the latents.

        Args:
            latents: Scaled latents, (B, 4, h, w).
            timestep: End of the path.
            seeds: Not used: the path depends on the latents and the context alone.
            predict_noise: Predicts the noise in latents (B, 4, h, w) at a timestep.

        Returns:
            Latents at the timestep.
        """
        times = {round(timestep * i / self.steps) for i in range(1, self.steps + 1)}
        # A step from a time to itself would change nothing.
        path = self.follow(latents, sorted(times - {0}), predict_noise)
        return path[-1] if path else latents

    @torch.no_grad()
    def follow(
        self, latents: Tensor, times: Sequence[int], predict_noise: PredictNoise
    ) -> list[Tensor]:
        """Follows a path.

        Args:
            latents: Clean latents, (B, 4, h, w).
            times: Where the path stops, ascending.
            predict_noise: As in the call.

        Returns:
            The latents at each of the times.
        """
        alphas = self.schedule.alphas_cumprod.to(latents)
        path, source = [], 0
        for target in times:
            noise = predict_noise(latents, source)
            signal, scale = alphas[source].sqrt(), (1 - alphas[source]).sqrt()
            clean = (latents - scale * noise) / signal
            signal, scale = alphas[target].sqrt(), (1 - alphas[target]).sqrt()
            latents = signal * clean + scale * noise
            path.append(latents)
            source = target
        return path


def build_noising(config: str | Mapping | None) -> DDPMNoising | DDIMInversion | None:
    """Builds what brings latents to a timestep.

    Args:
        config: None or ``'none'`` for clean latents, ``'ddpm'``, or
            ``dict(type='ddim_inversion', steps=10)``.

    Returns:
        The noising, or None.

    Raises:
        ValueError: On another kind or an unknown option.
    """
    options = dict(config) if isinstance(config, Mapping) else dict(type=config)
    kind = options.pop('type', None)
    if kind in (None, 'none') and not options:
        return None
    if kind == 'ddpm' and not options:
        return DDPMNoising()
    if kind == 'ddim_inversion' and set(options) <= {'steps'}:
        return DDIMInversion(**options)
    raise ValueError(
        "noise must be None, 'ddpm' or dict(type='ddim_inversion', steps=10), got "
        f'{config!r}'
    )
