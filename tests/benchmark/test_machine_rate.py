import time

import pytest
import torch

from diffmm.benchmark import machine_rate


def test_the_fastest_run_counts(monkeypatch):
    monkeypatch.setattr(machine_rate, '_MATRIX', 16)
    monkeypatch.setattr(machine_rate, '_CHANNELS', 4)
    monkeypatch.setattr(machine_rate, '_SIDE', 8)
    monkeypatch.setattr(
        machine_rate,
        'processor_seconds',
        lambda function, repeats: function() is None or [4.0, 2.0] * repeats,
    )
    rate = machine_rate.measure_rate(torch.bfloat16, repeats=1)
    assert rate.matrix == 2 * 16 * 16 * 16 / 2
    # 3x3 filters of 4 channels, 4 of them, at 64 places.
    assert rate.convolution == 2 * 9 * 4 * 4 * 64 / 2


def test_waiting_is_no_work():
    def work():
        runs.append(1)
        time.sleep(0.02)

    runs = []
    seconds = machine_rate.processor_seconds(work, 3)
    assert len(seconds) == 3 and len(runs) == 4
    assert max(seconds) < 0.01
    assert min(machine_rate.processor_seconds(lambda: sum(range(10**5)), 2)) > 0


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_a_rate_is_positive(dtype, monkeypatch):
    monkeypatch.setattr(machine_rate, '_MATRIX', 64)
    monkeypatch.setattr(machine_rate, '_SIDE', 16)
    assert min(machine_rate.measure_rate(dtype, repeats=2)) > 0
