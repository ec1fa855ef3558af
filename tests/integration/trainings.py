"""Trainings that tests start, kill and resume."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.integration.experiment import ENVIRONMENT, ROOT
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
        return self._read_number()

    def wait(self) -> int:
        """Waits for the end of the last one; returns its exit status."""
        return self._read_number()

    def _read_number(self) -> int:
        # The maintained fork of mmsegmentation prints a line when it is imported.
        for line in self.starter.stdout:
            if line.strip().lstrip('-').isdigit():
                return int(line)
        raise RuntimeError('the starter of trainings ended')


def kill_after(process: int, losses: Path, iteration: int) -> None:
    """Kills a training once it has written the loss of an iteration."""
    deadline = time.monotonic() + 240
    while not losses.exists() or max(read_losses(losses), default=0) < iteration:
        os.kill(process, 0)  # fails if the training ended before it was killed
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process, signal.SIGKILL)
