"""Tests of interleaved timing."""

import time

import pytest
import torch

from diffmm.benchmark import time_interleaved

CPU = torch.device('cpu')


def test_rounds_alternate_after_one_warm_up():
    calls = []
    functions = {name: lambda name=name: calls.append(name) for name in 'ab'}

    seconds = time_interleaved(functions, 3, CPU)

    assert calls == ['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a']
    assert {name: len(times) for name, times in seconds.items()} == {'a': 3, 'b': 3}


class Clock:
    """A clock that stands still until a function takes its time."""

    now = 0.0

    def take(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(time, 'perf_counter', lambda: clock.now)
    return clock


def test_measures_every_run(clock):
    durations = iter([9, 9, 4, 2, 1, 8])  # warm-up, then rounds in either order
    functions = {name: lambda: clock.take(next(durations)) for name in 'ab'}

    assert time_interleaved(functions, 2, CPU) == {'a': [2, 1], 'b': [4, 8]}


def test_preparation_is_not_timed(clock):
    functions = {'run': lambda: clock.take(1)}

    seconds = time_interleaved(functions, 2, CPU, prepare=lambda: clock.take(5))

    assert seconds == {'run': [1, 1]}
    assert clock.now == 18


def test_zero_rounds_are_refused():
    with pytest.raises(ValueError, match='got 0'):
        time_interleaved({'run': lambda: None}, 0, CPU)
