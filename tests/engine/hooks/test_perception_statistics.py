from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop

from diffmm.engine.hooks.perception_statistics import PerceptionStatistics


def statistics(**options):
    return PerceptionStatistics(**dict(metric='d1', timesteps=(999, 500, 1)) | options)


def runner(count=100, **options):
    """A runner whose validation has that many samples."""
    return SimpleNamespace(
        val_loop=object(),
        val_dataloader=SimpleNamespace(dataset=range(count)),
        **options,
    )


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(interval=0), 'interval must be at least 1, got 0'),
        (dict(timesteps=[500]), r'at least two; got \[500\]'),
    ],
)
def test_options_that_measure_nothing_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        statistics(**options)


def test_every_timestep_needs_ten_samples():
    statistics().check_samples(runner(30))
    with pytest.raises(ValueError, match='3 timesteps need at least 30 .* measure 29'):
        statistics().check_samples(runner(29))
    with pytest.raises(ValueError, match='would measure 20'):
        statistics(samples=20).check_samples(runner(100))
    with pytest.raises(ValueError, match='give val_dataloader, val_cfg and'):
        statistics().check_samples(SimpleNamespace(val_loop=None))


def due(kind, interval, **progress):
    loop = Mock(spec=kind, val_interval=10 if kind is IterBasedTrainLoop else 2)
    state = SimpleNamespace(max_iters=100, train_loop=loop, **progress)
    return statistics(interval=interval).is_due(state)


def test_iterations_between_estimates():
    assert [
        iteration
        for iteration in range(0, 101)
        if due(IterBasedTrainLoop, 3, iter=iteration, epoch=0)
    ] == [30, 60, 90]
    # The last validation estimates nothing: no training would use it.
    assert not due(IterBasedTrainLoop, 1, iter=100, epoch=0)
    assert due(IterBasedTrainLoop, 1, iter=90, epoch=0)


def test_epochs_between_estimates():
    epochs = range(0, 10)
    found = [n for n in epochs if due(EpochBasedTrainLoop, 2, iter=10 * n, epoch=n)]
    assert found == [4, 8]
