"""Two processes compute what one does."""

import socket
import subprocess
import sys

import pytest

from tests.integration.experiment import ENVIRONMENT, ROOT, write_experiment
from tests.loss_recorder_hook import read_losses

# What is random per process (augmentation, dropout) would differ by design. AdamW turns
# the rounding of a vanishing gradient into a full step, so at the mini's large learning
# rate the two runs drift apart; this is the one of the full-size recipe.
DETERMINISTIC = """
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', reduce_zero_label=True),
    dict(type='PackSegInputs'),
]
train_dataloader['dataset']['pipeline'] = train_pipeline
model = dict(decode_head=dict(dropout_ratio=0))
optim_wrapper = dict(optimizer=dict(lr=8e-5))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def run(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**ENVIRONMENT, 'PORT': str(free_port())},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    log = done.stdout + done.stderr
    assert done.returncode == 0, log[-3000:]
    return log


def test_two_processes_give_the_losses_of_one(tmp_path, mini_data):
    one, single = write_experiment(tmp_path, 'one', mini_data, 2, DETERMINISTIC)
    two, double = write_experiment(tmp_path, 'two', mini_data, 1, DETERMINISTIC)
    run(sys.executable, 'tools/train.py', one, '--work-dir', tmp_path / 'a')
    log = run('bash', 'tools/dist_train.sh', two, 2, '--work-dir', tmp_path / 'b')
    assert 'mIoU' in log
    single, double = read_losses(single), read_losses(double)
    assert len(single) == len(double) == 12
    for iteration, loss in single.items():
        assert double[iteration] == pytest.approx(loss, rel=1e-4)
