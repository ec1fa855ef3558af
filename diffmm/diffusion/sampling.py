"""Denoising: from noise to the latents of a prediction, step by step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import diffusers
import torch
from diffusers import SchedulerMixin
from torch import Tensor

from .contribution import find_owners
from .objective import DiffusionObjective

Network = Callable[[Tensor, Tensor], Tensor]


class DenoisingStep(NamedTuple):
    """A step of denoising.

    Attributes:
        timestep: The timestep that it began at.
        clean: The clean latents that the network predicts there, shape (B, 4, h, w).
        latents: The latents that the next step begins with, same shape. Those of the
            last step are the result. They may differ from its ``clean``: by one to two
            percent in DDIM without ``set_alpha_to_one``.
    """

    timestep: float
    clean: Tensor
    latents: Tensor


class DenoisingSampler:
    """A scheduler of diffusers, on the schedule that a model was trained with.

    Example:
        >>> from diffmm.diffusion import DiffusionObjective
        >>> sampler = DenoisingSampler(DiffusionObjective(), steps=4)
        >>> network = lambda latents, timestep: latents
        >>> [step.timestep for step in sampler(network, torch.zeros(1, 4, 8, 8))]
        [751, 501, 251, 1]

    Args:
        objective: What the network was trained for: its schedule, and what it predicts.
        scheduler: Class of diffusers. Marigold: ``'DDIMScheduler'``. InstructPix2Pix:
            ``'EulerAncestralDiscreteScheduler'``.
        steps: Number of steps. Marigold v1-0: 50; v1-1: 1 to 4; InstructPix2Pix: 100.
        **settings: Of the scheduler, where they differ from the schedule's: Marigold
            v1-0 ``set_alpha_to_one=False``; v1-1 ``timestep_spacing='trailing'`` too.

    Raises:
        ValueError: diffusers has no such scheduler, it lacks a setting, the number of
            steps is not one of the schedule's, or the scheduler cannot use what the
            network predicts (Euler-ancestral and PNDM do not know clean samples).
    """

    def __init__(
        self,
        objective: DiffusionObjective,
        scheduler: str = 'DDIMScheduler',
        steps: int = 50,
        **settings: Any,
    ) -> None:
        kind = getattr(diffusers, scheduler, None)
        if not (isinstance(kind, type) and issubclass(kind, SchedulerMixin)):
            raise ValueError(
                f'diffusers {diffusers.__version__} has no scheduler {scheduler!r}; '
                "take 'DDIMScheduler', for instance"
            )
        _check_steps(steps, objective.num_timesteps)
        _check_settings(kind, settings)
        self.objective = objective
        self.steps = steps
        self._kind = kind
        self._settings = settings
        self._try()

    def __call__(
        self,
        network: Network,
        noise: Tensor,
        generator: torch.Generator | None = None,
        steps: int | None = None,
    ) -> Iterator[DenoisingStep]:
        """Denoises.

        Args:
            network: What the model predicts, given noisy latents (B, 4, h, w) and a
                timestep.
            noise: White noise, shape (B, 4, h, w).
            generator: Where schedulers that add noise take it from.
            steps: Number of steps in the place of the sampler's own.

        Yields:
            The steps. The latents of the last one are the result.

        Raises:
            ValueError: The schedule has not so many steps.
        """
        if steps is None:
            steps = self.steps
        _check_steps(steps, self.objective.num_timesteps)
        scheduler = self.build_scheduler()
        scheduler.set_timesteps(steps, device=noise.device)
        takes = inspect.signature(scheduler.step).parameters
        extra = dict(generator=generator) if 'generator' in takes else {}
        latents = noise * scheduler.init_noise_sigma
        for timestep in scheduler.timesteps:
            # Some schedulers count noise in sigmas: the network sees scaled latents.
            seen = scheduler.scale_model_input(latents, timestep)
            predicted = network(seen, timestep)
            output = scheduler.step(predicted, timestep, latents, **extra)
            clean = getattr(output, 'pred_original_sample', None)
            if clean is None:
                index = timestep.round().long().expand(len(seen))
                clean = self.objective.recover_clean(predicted, seen, index)
            latents = output.prev_sample
            yield DenoisingStep(timestep.item(), clean, latents)

    def build_scheduler(self) -> SchedulerMixin:
        """Builds the scheduler, as diffusers' pipelines take it."""
        return self._kind.from_config(self.objective.schedule.config, **self._settings)

    def _try(self) -> None:
        """Makes one step, because only that shows what a scheduler cannot do."""
        what = self.objective.prediction_type
        try:
            step = next(self(lambda latents, _: latents, torch.ones(1, 4, 1, 1)))
            works = bool(step.latents.isfinite().all())
            reason = 'its first step is not finite'
        except (NotImplementedError, ValueError) as error:
            works, reason = False, str(error).split('\n')[0]
        if not works:
            other = (
                '' if self._kind is diffusers.DDIMScheduler else '; DDIMScheduler can'
            )
            raise ValueError(
                f'{self._kind.__name__} with the settings {self._settings} cannot '
                f'sample a model that predicts {what!r} in {self.steps} steps '
                f'({reason}){other}'
            )


class DDIMPath:
    """Deterministic denoising along any timesteps, close together where it matters.

    The step is that of DDIM (Song et al., 2021, equation 12, without noise), whose
    scheduler in diffusers only knows evenly spaced timesteps. The last step ends in the
    clean latents that the network predicts.

    It takes the place of a `DenoisingSampler`.

    Example:
        >>> from diffmm.diffusion import DiffusionObjective
        >>> path = DDIMPath(DiffusionObjective(), timesteps=[999, 980, 600])
        >>> network = lambda latents, timestep: latents
        >>> [step.timestep for step in path(network, torch.zeros(1, 4, 8, 8))]
        [999, 980, 600]

    Args:
        objective: What the network was trained for.
        timesteps: Falling timesteps of its schedule.

    Raises:
        ValueError: They do not fall, or lie outside of the schedule.
    """

    def __init__(self, objective: DiffusionObjective, timesteps: Sequence[int]) -> None:
        find_owners(timesteps, objective.num_timesteps)  # checks them
        self.objective = objective
        self.timesteps = tuple(timesteps)

    def __call__(
        self,
        network: Network,
        noise: Tensor,
        generator: torch.Generator | None = None,
        steps: int | None = None,
    ) -> Iterator[DenoisingStep]:
        """Denoises.

        Args:
            network: As for `DenoisingSampler`.
            noise: White noise, shape (B, 4, h, w).
            generator: Not used.
            steps: Not used.

        Yields:
            The steps.
        """
        alphas = self.objective.schedule.alphas_cumprod.to(noise.device)
        latents = noise
        for timestep, following in zip(
            self.timesteps, (*self.timesteps[1:], None), strict=True
        ):
            step = torch.tensor(timestep, device=noise.device)
            predicted = network(latents, step)
            clean = self.objective.recover_clean(
                predicted, latents, step.expand(len(latents))
            )
            if following is None:
                latents = clean
            else:
                signal, scale = alphas[step].sqrt(), (1 - alphas[step]).sqrt()
                left = (latents - signal * clean) / scale
                signal, scale = (
                    alphas[following].sqrt(),
                    (1 - alphas[following]).sqrt(),
                )
                latents = signal * clean + scale * left
            yield DenoisingStep(timestep, clean, latents)


def _check_steps(steps: int, most: int) -> None:
    if not isinstance(steps, int) or not 1 <= steps <= most:
        raise ValueError(
            f'steps must be a whole number from 1 to {most}, got {steps!r}'
        )


def _check_settings(kind: type[SchedulerMixin], settings: dict[str, Any]) -> None:
    """Refuses settings that diffusers would leave out in silence."""
    # Those of a config's DDIM stay when another scheduler takes its place.
    known = [
        name
        for each in (kind, diffusers.DDIMScheduler)
        for name in inspect.signature(each.__init__).parameters
    ]
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise ValueError(
            f'{kind.__name__} has no setting {", ".join(map(repr, unknown))}; it has '
            f'{", ".join(inspect.signature(kind).parameters)}'
        )
