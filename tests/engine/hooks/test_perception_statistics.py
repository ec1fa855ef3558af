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
        (dict(interval=1.5), 'interval must be at least 1, got 1.5'),
        (dict(samples=0), 'samples must be at least 1, got 0'),
        (dict(samples=-5), 'samples must be at least 1, got -5'),
        (dict(timesteps=[500]), r'at least two; got \[500\]'),
        (dict(timesteps=9), 'at least two; got 9'),
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


def due(kind, interval, begin=1, **progress):
    every = 10 if kind is IterBasedTrainLoop else 2
    loop = Mock(spec=kind, val_interval=every, val_begin=begin)
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


def test_nothing_is_owed_before_the_first_validation():
    """A resumed run would validate, although its loop begins later."""
    found = [n for n in range(10) if due(EpochBasedTrainLoop, 1, 5, iter=n, epoch=n)]
    assert found == [6, 8]
    assert not due(IterBasedTrainLoop, 1, 50, iter=40, epoch=0)
    assert due(IterBasedTrainLoop, 1, 50, iter=50, epoch=0)


def test_timesteps_of_another_schedule_are_refused():
    statistics().check_timesteps(1000)
    for timesteps in ((5, 999), (1000, 5), (5, 5), ('a', 'b'), (9.5, 3)):
        with pytest.raises(ValueError, match='timesteps must fall'):
            statistics(timesteps=timesteps).check_timesteps(1000)
