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


def test_a_slow_product_takes_few_rows(monkeypatch):
    """A processor without bfloat16 needs a minute for all 2,048."""
    monkeypatch.setattr(machine_rate, '_CHANNELS', 4)
    monkeypatch.setattr(machine_rate, '_SIDE', 8)
    asked = []

    def slow(left, right):
        asked.append(len(left))
        now[0] += len(left) * 0.003

    now = [0.0]
    monkeypatch.setattr(machine_rate.time, 'process_time', lambda: now[0])
    monkeypatch.setattr(machine_rate, 'is_onednn_faster', lambda *args: True)
    monkeypatch.setattr(machine_rate, 'multiply', slow)
    monkeypatch.setattr(
        machine_rate.F, 'conv2d', lambda *a, **k: now.__setitem__(0, now[0] + 1)
    )
    rate = machine_rate.measure_rate(torch.bfloat16, repeats=2)
    # Once to start; 0.5 seconds are passed at 256 rows: once untimed, twice timed.
    assert asked == [64, 64, 128, 256, 256, 256, 256]
    assert rate.matrix == pytest.approx(2 * 2048**2 / 0.003)
