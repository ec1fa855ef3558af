"""A training that is killed at any moment goes on as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.experiment import ENVIRONMENT, ROOT, write_experiment
from tests.loss_recorder_hook import read_losses


def start(config: Path, work_dir: Path, *options: str) -> subprocess.Popen:
    command = [sys.executable, 'tools/train.py', config, '--work-dir', work_dir]
    return subprocess.Popen(
        [*map(str, command), *options],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def kill_after(process: subprocess.Popen, losses: Path, iteration: int) -> None:
    deadline = time.monotonic() + 120
    while not losses.exists() or max(read_losses(losses), default=0) < iteration:
        assert process.poll() is None, 'the training ended before it was killed'
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory, mini_data) -> dict[int, float]:
    """Losses of a training that nobody killed."""
    folder = tmp_path_factory.mktemp('uninterrupted')
    config, losses = write_experiment(folder, 'whole', mini_data)
    assert start(config, folder / 'work').wait(120) == 0
    return read_losses(losses)


@pytest.mark.parametrize('killed_at', [5, pytest.param(10, marks=pytest.mark.slow)])
def test_resumed_losses_equal_the_uninterrupted_ones(
    killed_at, tmp_path, mini_data, uninterrupted
):
    """Random crops, flips, colors and dropout are all on, with two workers."""
    config, losses = write_experiment(tmp_path, 'killed', mini_data)
    kill_after(start(config, tmp_path / 'work'), losses, killed_at)
    losses.rename(tmp_path / 'before.jsonl')
    assert start(config, tmp_path / 'work', '--resume').wait(120) == 0
    resumed = read_losses(losses)
    # It went on behind a checkpoint (every 4 iterations), not from the start.
    assert min(resumed) in (5, 9)
    assert max(resumed) == 12
    # To rounding: sums on a CPU depend on how memory happens to be aligned.
    expected = {iteration: uninterrupted[iteration] for iteration in resumed}
    assert resumed == pytest.approx(expected, rel=1e-5)
