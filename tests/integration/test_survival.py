"""A training that is killed at any moment goes on as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.experiment import ENVIRONMENT, ROOT, write_experiment
from tests.loss_recorder_hook import read_losses

# Imports once, and forks a process for every line of arguments. It prints the process
# id, and the exit status when the process has ended.
STARTER = """
import json, os, runpy, sys
import diffmm, mmseg.datasets, mmseg.engine, mmseg.evaluation, mmseg.visualization

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        sys.argv = json.loads(line)
        runpy.run_path(sys.argv[0], run_name='__main__')
        sys.exit()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Trainings:
    """Trainings, one after the other, each in a process and a session of its own."""

    def __init__(self) -> None:
        self.starter = subprocess.Popen(
            [sys.executable, '-c', STARTER],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, config: Path, work_dir: Path, *options: str) -> int:
        """Starts one and returns its process id."""
        command = ['tools/train.py', config, '--work-dir', work_dir, *options]
        print(json.dumps([*map(str, command)]), file=self.starter.stdin, flush=True)
        return int(self.starter.stdout.readline())

    def wait(self) -> int:
        """Waits for the end of the last one; returns its exit status."""
        return int(self.starter.stdout.readline())


@pytest.fixture(scope='module')
def trainings() -> Iterator[Trainings]:
    trainings = Trainings()
    yield trainings
    trainings.starter.stdin.close()
    assert trainings.starter.wait(60) == 0
    trainings.starter.stdout.close()


def kill_after(process: int, losses: Path, iteration: int) -> None:
    deadline = time.monotonic() + 240
    while not losses.exists() or max(read_losses(losses), default=0) < iteration:
        os.kill(process, 0)  # fails if the training ended before it was killed
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process, signal.SIGKILL)


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
