"""Diffusion objectives from configs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mmengine.registry import TASK_UTILS

from diffmm.diffusion import (
    DiffusionObjective,
    FavoredTimesteps,
    GaussianNoise,
    MultiResolutionNoise,
    TimestepLossWeights,
    UniformTimesteps,
    WeightedTimesteps,
    build_schedule,
)

TASK_UTILS.register_module(module=FavoredTimesteps)
TASK_UTILS.register_module(module=GaussianNoise)
TASK_UTILS.register_module(module=MultiResolutionNoise)
TASK_UTILS.register_module(module=TimestepLossWeights)
TASK_UTILS.register_module(module=UniformTimesteps)
TASK_UTILS.register_module(module=WeightedTimesteps)


def build_objective(
    schedule: Mapping[str, Any] | None = None,
    **parts: Mapping[str, Any] | Callable | str | None,
) -> DiffusionObjective:
    """Builds the objective of a diffusion model.

    Parts of your own register in ``mmengine.registry.TASK_UTILS``.

    Args:
        schedule: Settings of the noise schedule that differ from Stable Diffusion's,
            see `build_schedule`.
        **parts: ``timesteps``, ``noise`` and ``weighting`` of `DiffusionObjective`,
            each a config or an object, and its ``loss_space``. What is not given is
            Stable Diffusion's.

    Returns:
        The objective.

    Raises:
        ValueError: The schedule does not fit its prediction type.
        TypeError: There is no such part or setting.

    Example:
        >>> objective = dict(
        ...     schedule=dict(prediction_type='v_prediction'),
        ...     timesteps=dict(type='FavoredTimesteps', share=0.6, favored=(80, 700)))
    """
    built = {
        name: TASK_UTILS.build(part) if isinstance(part, Mapping) else part
        for name, part in parts.items()
    }
    return DiffusionObjective(build_schedule(schedule), **built)
