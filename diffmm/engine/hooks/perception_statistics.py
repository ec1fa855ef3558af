"""Contributions of timesteps by the metric of a validation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from numbers import Integral

import torch
from mmengine.dist import all_gather_object
from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop
from torch import Tensor
from tqdm import tqdm

from diffmm.diffusion import incremental_r2, spread_over_timesteps
from diffmm.diffusion.contribution import SAMPLES_PER_COLUMN, check_timesteps
from diffmm.models.perceptors import DiffusionPerceptor, measure_denoising


class PerceptionStatistics:
    """Estimates weights of timesteps from perception statistics (ADDP, section 3.1).

    After a validation, its samples are denoised once more, and its metric is measured
    on the way, sample by sample. `incremental_r2` says how much each timestep explains
    of the final metric; `spread_over_timesteps` covers the schedule.

    Args:
        metric: Name of the figure, such as ``'d1'`` for depth (ADDP).
        timesteps: Where it is measured, falling. Place them close together where
            predictions are decided, near the noisy end: the weight between two of them
            is even. The paper measures all steps of a denoising.
        interval: Estimate after every so many validations.
        samples: Number of validation samples at most; None for all.

    Raises:
        ValueError: Interval or samples are no numbers above 0, or there are less than
            two timesteps.
    """

    def __init__(
        self,
        metric: str,
        timesteps: Sequence[int],
        interval: int = 1,
        samples: int | None = None,
    ) -> None:
        numbers = dict(interval=interval, samples=1 if samples is None else samples)
        for name, number in numbers.items():
            if not isinstance(number, Integral) or number < 1:
                raise ValueError(f'{name} must be at least 1, got {number!r}')
        if not isinstance(timesteps, Sequence) or len(timesteps) < 2:
            raise ValueError(
                f'statistics compare timesteps, at least two; got {timesteps!r}'
            )
        self.metric = metric
        self.timesteps = tuple(timesteps)
        self.interval = interval
        self.samples = samples

    def check_timesteps(self, num_timesteps: int) -> None:
        """Refuses timesteps that the model does not have.

        Args:
            num_timesteps: Length T of its schedule.

        Raises:
            ValueError: As `contribution.check_timesteps`.
        """
        check_timesteps(self.timesteps, num_timesteps)

    def check_metric(self, model: DiffusionPerceptor, runner) -> None:
        """Measures one sample, so that an unknown metric is not found after hours.

        Args:
            model: The perceptor.
            runner: The runner.

        Raises:
            ValueError: No metric of the validation has the figure.
        """
        loader = runner.val_dataloader
        batch = loader.collate_fn([loader.dataset[0]])
        metrics = runner.val_evaluator.metrics
        trains = model.training
        model.eval()
        measure_denoising(model, [batch], metrics, self.metric, self.timesteps[:1])
        model.train(trains)

    def check_samples(self, runner) -> None:
        """Refuses a validation that is too small, before anything is trained.

        Args:
            runner: The runner.

        Raises:
            ValueError: There is no validation, or less than ten samples for every
                timestep.
        """
        if runner.val_loop is None:
            raise ValueError(
                'statistics measure the validation: give val_dataloader, val_cfg and '
                'val_evaluator'
            )
        found = len(runner.val_dataloader.dataset)
        if self.samples is not None:
            found = min(found, self.samples)
        needed = SAMPLES_PER_COLUMN * len(self.timesteps)
        if found < needed:
            raise ValueError(
                f'statistics at {len(self.timesteps)} timesteps need at least {needed} '
                f'validation samples, ten for each, and would measure {found}'
            )

    def is_due(self, runner) -> bool:
        """Tells if this is the validation after which weights are estimated.

        Args:
            runner: The runner, at a validation.

        Returns:
            False before the first iteration and after the last.
        """
        if not 0 < runner.iter < runner.max_iters:
            return False
        loop = runner.train_loop
        by_epoch = isinstance(loop, EpochBasedTrainLoop)
        passed = runner.epoch if by_epoch else runner.iter
        if passed < loop.val_begin:
            return False
        number, rest = divmod(passed, loop.val_interval)
        return rest == 0 and number > 0 and number % self.interval == 0

    def estimate(self, model: DiffusionPerceptor, runner, num_timesteps: int) -> Tensor:
        """Measures the validation and estimates the weights, alike in all processes.

        Args:
            model: The perceptor.
            runner: The runner.
            num_timesteps: Length T of the schedule.

        Returns:
            Weights that sum to 1, shape (T,).

        Raises:
            ValueError: As `measure_denoising` and `incremental_r2`.
        """
        limit = self.samples
        if limit is not None:
            limit = -(-limit // runner.world_size)
        quality = measure_denoising(
            model,
            tqdm(
                runner.val_dataloader,
                desc='contributions of timesteps',
                disable=runner.rank != 0,
            ),
            runner.val_evaluator.metrics,
            self.metric,
            self.timesteps,
            limit=limit,
        )
        # Processes take turns in the data set; the last samples may repeat.
        parts = all_gather_object(quality.values.tolist())
        turns = [row for turn in zip_longest(*parts) for row in turn if row is not None]
        size = len(runner.val_dataloader.dataset)
        values = torch.tensor(turns[: min(size, self.samples or size)])
        contributions = incremental_r2(values, timesteps=quality.timesteps)
        pairs = zip(quality.timesteps, contributions.tolist(), strict=True)
        print_log(
            f'R2 of {self.metric} over {len(values)} samples, by timestep: '
            + ', '.join(f'{timestep}: {value:.3f}' for timestep, value in pairs),
            runner.logger,
        )
        return spread_over_timesteps(contributions, quality.timesteps, num_timesteps)
