"""The timesteps that a model of any config is trained at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS, TASK_UTILS
from torch import Tensor, nn

from diffmm.diffusion import (
    DiffusionObjective,
    TimestepLossWeights,
    TimestepSampler,
    UniformTimesteps,
    WeightedTimesteps,
    add_floor,
    build_schedule,
    describe_weights,
    schedule_weights,
)
from diffmm.diffusion.contribution import check_floor, check_reading
from diffmm.diffusion.timestep_weights import check_length, read_weights
from diffmm.models.backbones import StableDiffusionBackbone
from diffmm.models.perceptors import DiffusionPerceptor, OneStepPerceptor
from diffmm.visualization.timestep_plots import draw_timestep_weights

from .perception_statistics import PerceptionStatistics

USES = ('probability', 'loss')
_STATE = 'timestep_contributions'


@HOOKS.register_module()
class TimestepSamplingHook(Hook):
    """Trains the timesteps that contribute most (ADDP, section 3.1), or any others.

    It works in the config of every diffusion model of DiffMM, which trains with a
    `DiffusionObjective`, and in that of every model with a ``StableDiffusionBackbone``,
    which then draws a timestep for every image in training. In evaluation a backbone
    has the one of its own option ``timestep``; its option ``noise`` says if noise
    belongs to a timestep.

    The weights of the timesteps are logged, and drawn by every visualization backend.

    Example:
        >>> hook = HOOKS.build(dict(type='TimestepSamplingHook', weights='schedule'))
        >>> hook = HOOKS.build(dict(
        ...     type='TimestepSamplingHook',
        ...     timesteps=dict(type='UniformTimesteps', end=201)))
        >>> hook = HOOKS.build(dict(
        ...     type='TimestepSamplingHook', weights='schedule',
        ...     statistics=dict(metric='d1', timesteps=[999, 980, 900, 600, 300])))

    Args:
        weights: Weights of the timesteps. ``'schedule'``: contributions by the noise
            schedule, `schedule_weights`. ``'uniform'``. A list of one weight for each
            timestep. Or the path of a JSON file that
            ``tools/analysis_tools/timestep_contribution.py`` wrote.
        timesteps: Config of a `TimestepSampler` instead of weights, such as
            ``dict(type='UniformTimesteps', begin=100, end=201)``, for backbones above
            all.
        use: ``'probability'``: a timestep comes as often as its weight says, and no
            loss is weighted (ADDP's choice). ``'loss'``: timesteps come as before, and
            errors are weighted ("loss scaling"). Never both: a contribution counted
            twice is squared.
        reading: As for `schedule_weights`.
        floor: As for `add_floor`; 0.1 is ours.
        statistics: Options of `PerceptionStatistics`, which estimate the weights anew
            while training. ``weights`` holds until the first validation. A training
            that was killed goes on with the last estimate.

    Raises:
        ValueError: An option is unknown or out of range; weights and timesteps are both
            given, or neither; the weights are none, or not one for each timestep; both
            uses meet, or two of these hooks; there are less than ten samples for every
            timestep of the statistics, or no such metric; or as `incremental_r2`.
        TypeError: The model has nothing with timesteps, timesteps are no config of a
            sampler, or statistics are asked of a model that makes no steps.
        FileNotFoundError: There is no such file of weights.
    """

    # TrainableEMAHook, below this, puts the averages in before a validation and takes
    # them out after it: the averages are measured.
    priority = 'ABOVE_NORMAL'

    def __init__(
        self,
        weights: str | Sequence[float] | None = None,
        timesteps: Mapping[str, Any] | None = None,
        use: str = 'probability',
        reading: str = 'alpha_bar',
        floor: float = 0.1,
        statistics: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(use, str) or use not in USES:
            raise ValueError(
                f'use must be one of {USES}, never both, which would square the '
                f'contributions; got {use!r}'
            )
        if (weights is None) == (timesteps is None):
            raise ValueError(
                "give either weights ('schedule', for instance) or timesteps "
                "(dict(type='UniformTimesteps', end=201)), got "
                f'weights={weights!r} and timesteps={timesteps!r}'
            )
        if timesteps is not None and (use == 'loss' or statistics is not None):
            raise ValueError(
                'timesteps are drawn as their sampler says: use="loss" and statistics '
                f'need weights instead of timesteps={timesteps!r}'
            )
        check_floor(floor)
        check_reading(reading)
        self.weights = weights
        self.sampler = None if timesteps is None else _build_sampler(timesteps)
        self.use = use
        self.reading = reading
        self.floor = floor
        self.statistics = (
            None if statistics is None else PerceptionStatistics(**statistics)
        )
        self._weighting: TimestepLossWeights | None = None

    def attach(self, model: nn.Module) -> None:
        """Gives a model these timesteps.

        Args:
            model: The model.

        Raises:
            ValueError: As the class.
            TypeError: As the class.
            FileNotFoundError: As the class.
        """
        self._model = model
        self._objectives = _find_objectives(model)
        self._backbones = [
            each
            for each in model.modules()
            if isinstance(each, StableDiffusionBackbone)
        ]
        self._check_model(model)
        if self.statistics is not None:
            self.statistics.check_timesteps(self._num_timesteps)
        if self.sampler is not None:
            self._set_sampler(self.sampler)
        else:
            self._apply(self._first_weights())

    def before_train(self, runner) -> None:
        """Attaches itself; goes on with the last estimate, if there is one."""
        if sum(isinstance(each, TimestepSamplingHook) for each in runner.hooks) > 1:
            raise ValueError(
                'there are two TimestepSamplingHooks, of which one would undo the '
                'other: leave one in custom_hooks'
            )
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        self.attach(model)
        if self.statistics is not None:
            self.statistics.check_samples(runner)
            self.statistics.check_metric(model, runner)
            state = runner.message_hub.get_info(_STATE)
            if state is not None and runner.iter > 0:
                self._apply(torch.tensor(state['weights'], dtype=torch.float64))
        if self.sampler is None:
            self._show(runner)

    def before_train_epoch(self, runner) -> None:
        """Makes up for the estimate that a killed run owes.

        MMEngine saves a checkpoint before it validates.
        """
        if self.statistics is None or not self.statistics.is_due(runner):
            return
        state = runner.message_hub.get_info(_STATE)
        if state is None or state['iteration'] < runner.iter:
            runner.val_loop.run()

    def after_val_epoch(self, runner, metrics: dict[str, float] | None = None) -> None:
        """Estimates the weights anew, if it is time."""
        if self.statistics is None or not self.statistics.is_due(runner):
            return
        weights = self.statistics.estimate(self._model, runner, self._num_timesteps)
        self._apply(weights)
        state = dict(weights=weights.tolist(), iteration=runner.iter)
        runner.message_hub.update_info(_STATE, state)
        self._show(runner)

    def _check_model(self, model: nn.Module) -> None:
        if not self._objectives and not self._backbones:
            raise TypeError(
                f'{type(model).__name__} has no timesteps: TimestepSamplingHook needs '
                'a diffusion model (one with an `objective`) or a model with a '
                'StableDiffusionBackbone'
            )
        one_step = isinstance(model, OneStepPerceptor)
        if self.use == 'loss' and (self._backbones or one_step):
            raise ValueError(
                "use='loss' weighs the errors of denoising, and the loss of "
                f'{type(model).__name__} has none; take use="probability"'
            )
        if any(each.time_embeddings is not None for each in self._backbones):
            raise ValueError(
                'a backbone with learned_timesteps=True embeds no timestep, so '
                'TimestepSamplingHook would change nothing'
            )
        for objective in self._objectives:
            uniform = type(objective.timesteps) is UniformTimesteps
            weighs = objective.weighting not in (None, self._weighting)
            if weighs or (self.use == 'probability' and objective.weighting):
                raise ValueError(
                    f"use='{self.use}' meets an objective that weighs its losses "
                    f'({objective.weighting!r}): contributions count once. Remove '
                    'objective.weighting (or the other hook) or take the hook away'
                )
            if self.use == 'loss' and not uniform:
                raise ValueError(
                    "use='loss' meets an objective that favors timesteps already "
                    f'({type(objective.timesteps).__name__}): contributions count '
                    'once. Remove objective.timesteps (or the other hook)'
                )
        denoises = isinstance(model, DiffusionPerceptor) and not one_step
        if self.statistics is not None and not denoises:
            raise TypeError(
                f'{type(model).__name__} does not denoise predictions in steps, so '
                'there are no perception statistics: take weights alone'
            )

    def _first_weights(self) -> Tensor:
        if self.weights == 'uniform':
            return torch.ones(self._num_timesteps, dtype=torch.float64)
        if self.weights == 'schedule':
            schedule = build_schedule()
            if self._objectives:
                schedule = self._objectives[0].schedule
            return schedule_weights(schedule, self.reading)
        if isinstance(self.weights, (str, Path)):
            return read_weights(Path(self.weights), self._num_timesteps)
        return torch.as_tensor(self.weights, dtype=torch.float64)

    @property
    def _num_timesteps(self) -> int:
        return self._objectives[0].num_timesteps if self._objectives else 1000

    def _apply(self, weights: Tensor) -> None:
        """Puts weights into the model."""
        weights = add_floor(weights, self.floor)
        check_length(weights, self._num_timesteps)
        self.current = weights
        if self.use == 'loss':
            self._weighting = TimestepLossWeights(weights)
            for objective in self._objectives:
                objective.weighting = self._weighting
        else:
            self._set_sampler(WeightedTimesteps(self.current))

    def _set_sampler(self, sampler) -> None:
        for objective in self._objectives:
            objective.timesteps = sampler
        for backbone in self._backbones:
            backbone.noise_levels.draw_from(sampler)

    def _show(self, runner) -> None:
        """Logs and draws the weights."""
        summary = describe_weights(self.current)
        text = ', '.join(f'{name} {value:.4g}' for name, value in summary.items())
        print_log(f'weights of timesteps ({self.use}): {text}', runner.logger)
        if runner.rank == 0:
            scalars = {f'timesteps/{name}': value for name, value in summary.items()}
            runner.visualizer.add_scalars(scalars, step=runner.iter)
            picture = draw_timestep_weights({self.use: self.current.tolist()}, self.use)
            runner.visualizer.add_image('timestep_weights', picture, runner.iter)


def _build_sampler(config: Mapping[str, Any]) -> TimestepSampler:
    sampler = TASK_UTILS.build(dict(config)) if isinstance(config, Mapping) else config
    if not isinstance(sampler, TimestepSampler):
        raise TypeError(
            'timesteps must be the config of a TimestepSampler, such as '
            f"dict(type='UniformTimesteps', end=201), got {config!r}"
        )
    return sampler


def _find_objectives(model: nn.Module) -> list[DiffusionObjective]:
    """Every objective in a model, once."""
    found = {}
    for module in model.modules():
        objective = getattr(module, 'objective', None)
        if isinstance(objective, DiffusionObjective):
            found[id(objective)] = objective
    return list(found.values())
