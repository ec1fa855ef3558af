"""Stable Diffusion's noise schedule, and the precision that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from diffusers import DDPMScheduler
from torch import Tensor

# Stable Diffusion's noise schedule; diffusers' defaults are those of other models.
STABLE_DIFFUSION_SCHEDULE = dict(
    num_train_timesteps=1000,
    beta_schedule='scaled_linear',
    beta_start=0.00085,
    beta_end=0.012,
    clip_sample=False,
    steps_offset=1,
)


def build_schedule(config: Mapping[str, Any] | None = None) -> DDPMScheduler:
    """Builds a noise schedule.

    Args:
        config: Settings of ``diffusers.DDPMScheduler`` that differ from Stable
            Diffusion 1's, such as ``dict(prediction_type='v_prediction')`` for
            Stable Diffusion 2 at 768 pixels, or ``rescale_betas_zero_snr=True``.

    Returns:
        The schedule.
    """
    return DDPMScheduler(**{**STABLE_DIFFUSION_SCHEDULE, **(config or {})})


def check_timestep(timestep: int) -> int:
    """Checks a noise level of Stable Diffusion.

    Args:
        timestep: The noise level.

    Returns:
        The same.

    Raises:
        ValueError: It is not on the schedule.
    """
    last = STABLE_DIFFUSION_SCHEDULE['num_train_timesteps'] - 1
    if not 0 <= timestep <= last:
        raise ValueError(f'timestep must be from 0 to {last}, got {timestep}')
    return timestep


def at_least_single(values: Tensor) -> Tensor:
    """Converts half precision, in which 1 - alpha-bar of a small timestep is 0.

    Args:
        values: In any precision.

    Returns:
        The same in single precision, or in double precision as they are.
    """
    return values.to(torch.promote_types(values.dtype, torch.float32))
