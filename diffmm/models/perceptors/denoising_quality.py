"""The metric of a perceptor's predictions at every step of denoising."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from mmengine.evaluator import BaseMetric
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.diffusion import DDIMPath

from .diffusion_perceptor import DiffusionPerceptor
from .frames import restore_frame


class DenoisingQuality(NamedTuple):
    """A metric by sample and timestep.

    Attributes:
        timesteps: Those that were measured, falling, S of them.
        values: The metric of the clean prediction of every sample at every timestep,
            shape (N, S); NaN for a sample without anything to measure.
    """

    timesteps: tuple[int, ...]
    values: Tensor


@torch.no_grad()
def measure_denoising(
    model: DiffusionPerceptor,
    batches: Iterable[dict],
    metrics: Sequence[BaseMetric],
    key: str,
    timesteps: Sequence[int] | None = None,
    columns: Sequence[int] | None = None,
    limit: int | None = None,
) -> DenoisingQuality:
    """Measures what a perceptor predicts on its way (ADDP, Figures 1, 3 and 7).

    At every step the clean latents that the network predicts are decoded, read and
    measured as a prediction would be. So all values of a sample come from one
    trajectory, whose noise is that of the model's predictions; an ensemble is left out.

    Args:
        model: The perceptor, in eval mode.
        batches: Batches of a data loader.
        metrics: Those of the validation. Each must be able to measure a single sample.
            They stay as they are.
        key: Name of the figure, such as ``'d1'``.
        timesteps: Denoise along these timesteps, by `DDIMPath`; None for the model's
            own sampler.
        columns: Numbers of the steps to measure, from 1 on (ADDP, Figure 7: 2, 20, 40,
            60, 80 and 100 of 100); None for all.
        limit: Number of samples after which to stop.

    Returns:
        The metric.

    Raises:
        ValueError: No metric has this figure, a step does not exist, the model does not
            follow timesteps, the limit is below 1, or there is no sample.
    """
    if limit is not None and limit < 1:
        raise ValueError(f'limit must be at least 1, got {limit}')
    scorer = _Scorer(metrics, key)
    rows: list[list[float]] = []
    steps_seen: tuple[int, ...] = ()
    with _trajectories(model, timesteps), _quiet():
        for batch in batches:
            data = model.data_preprocessor(batch, False)
            images, samples = data['inputs'], data['data_samples']
            found = list(_score_steps(model, images, samples, scorer, columns))
            steps_seen = tuple(int(timestep) for timestep, _ in found)
            _check_steps(model, steps_seen, timesteps, columns)
            rows += [list(row) for row in zip(*(v for _, v in found), strict=True)]
            if limit is not None and len(rows) >= limit:
                break
    if not rows:
        raise ValueError('there is no sample to measure: the data loader is empty')
    values = torch.tensor(rows[:limit], dtype=torch.float64)
    return DenoisingQuality(steps_seen, values)


def _check_steps(
    model: DiffusionPerceptor,
    found: Sequence[int],
    timesteps: Sequence[int] | None,
    columns: Sequence[int] | None,
) -> None:
    """Refuses steps that the first batch did not have."""
    if columns is not None and len(found) != len(columns):
        made = model.sampler.steps if timesteps is None else len(timesteps)
        raise ValueError(
            f'steps {list(columns)} shall be measured, each once, but the model makes '
            f'{made} steps, counted from 1'
        )
    if timesteps is not None and columns is None and len(found) != len(timesteps):
        raise ValueError(
            f'{type(model).__name__} makes one step, at t = {found[0]}: it cannot be '
            f'denoised along {list(timesteps)}'
        )


def _score_steps(
    model: DiffusionPerceptor,
    images: Tensor,
    samples: Sequence[BaseDataElement],
    scorer: _Scorer,
    columns: Sequence[int] | None,
) -> Iterator[tuple[float, list[float]]]:
    """Timestep and metric of every sample, for the steps to measure."""
    reference = model.reference(images)
    for number, step in enumerate(model.denoising_steps(images), start=1):
        if columns is not None and number not in columns:
            continue
        predictions = model.read(step.clean, images.shape[-2:], reference)
        scores = []
        for prediction, sample in zip(predictions, samples, strict=True):
            own = sample.new()
            model.codec.write(own, restore_frame(prediction, own.metainfo), None)
            model.codec.write_network_frame(own, prediction)
            scores.append(scorer(own))
        yield step.timestep, scores


class _Scorer:
    """Measures a sample by itself with the metric that has a figure."""

    def __init__(self, metrics: Sequence[BaseMetric], key: str) -> None:
        self.metrics = [copy.deepcopy(metric) for metric in metrics]
        self.key = key

    def __call__(self, sample: BaseDataElement) -> float:
        known = []
        for metric in self.metrics:
            metric.results = []
            metric.process({}, [sample.to_dict()])
            if metric.results == [None]:
                continue
            figures = metric.compute_metrics(metric.results)
            if self.key in figures:
                return float(figures[self.key])
            known += figures
        if known:
            raise ValueError(
                f'no metric of the validation has a figure {self.key!r}; there are '
                f'{sorted(known)}'
            )
        return float('nan')


@contextmanager
def _trajectories(
    model: DiffusionPerceptor, timesteps: Sequence[int] | None
) -> Iterator[None]:
    """Gives a model another path, and no ensemble, for a while."""
    sampler, ensemble = model.sampler, model.ensemble
    if timesteps is not None:
        model.sampler = DDIMPath(model.objective, timesteps)
    model.ensemble = None
    try:
        yield
    finally:
        model.sampler, model.ensemble = sampler, ensemble


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps metrics from logging a table for every sample."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)
