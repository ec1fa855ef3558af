"""Tests of a benchmark row's arithmetic."""

import pytest

from diffmm.benchmark import Measurement


def test_ratios():
    plain = Measurement('plain', None, [1.0, 2.0, 4.0], 100, 100, 10)
    own = Measurement('own', 'plain', [1.5, 2.0, 8.0], 100, 50, 10)

    # Round by round 1.5, 1.0 and 2.0.
    assert own.time_ratio(plain) == 1.5
    assert own.median_seconds == 2.0
    assert own.peak_ratio(plain) == pytest.approx(0.75)
    assert own.activation_ratio(plain) == pytest.approx(0.5)


def test_rate_of_operations():
    assert Measurement('run', seconds=[2.0], flops=4 * 10**12).tflops_per_second() == 2
    assert Measurement('run', seconds=[2.0]).tflops_per_second() is None


def test_unequal_rounds_are_refused():
    with pytest.raises(ValueError, match='zip'):
        Measurement('a', seconds=[1.0]).time_ratio(Measurement('b', seconds=[1.0, 2.0]))
