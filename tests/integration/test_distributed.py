"""Two processes compute what one does."""

import sys

import pytest

from tests.integration.experiment import DETERMINISTIC, run, write_experiment
from tests.loss_recorder_hook import read_losses


@pytest.mark.slow
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
