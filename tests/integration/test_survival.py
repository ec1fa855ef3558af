"""A training that is killed at any moment goes on as if nothing had happened."""

import signal

import pytest

from tests.integration.experiment import write_experiment
from tests.integration.trainings import kill_after
from tests.loss_recorder_hook import read_losses


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory, mini_data, trainings) -> dict[int, float]:
    """Losses of a training that nobody killed."""
    folder = tmp_path_factory.mktemp('uninterrupted')
    config, losses = write_experiment(folder, 'whole', mini_data)
    trainings.start(config, folder / 'work')
    assert trainings.wait() == 0
    return read_losses(losses)


@pytest.mark.parametrize('killed_at', [5, pytest.param(10, marks=pytest.mark.slow)])
def test_resumed_losses_equal_the_uninterrupted_ones(
    killed_at, tmp_path, mini_data, uninterrupted, trainings
):
    """Random crops, flips, colors and dropout are all on, with two workers."""
    config, losses = write_experiment(tmp_path, 'killed', mini_data)
    kill_after(trainings.start(config, tmp_path / 'work'), losses, killed_at)
    assert trainings.wait() == -signal.SIGKILL
    losses.rename(tmp_path / 'before.jsonl')
    trainings.start(config, tmp_path / 'work', '--resume')
    assert trainings.wait() == 0
    resumed = read_losses(losses)
    # It went on behind a checkpoint (every 4 iterations), not from the start.
    assert min(resumed) in (5, 9)
    assert max(resumed) == 12
    # To rounding: sums on a CPU depend on how memory happens to be aligned.
    expected = {iteration: uninterrupted[iteration] for iteration in resumed}
    assert resumed == pytest.approx(expected, rel=1e-5)
