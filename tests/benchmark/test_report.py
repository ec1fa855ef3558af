"""Tests of the benchmark's table."""

import json

import pytest

from diffmm.benchmark import Measurement, format_report, summarize

GIB = 1024**3


@pytest.fixture
def rows():
    plain = Measurement('plain forward', None, [2.0], GIB, GIB, 4 * 10**12)
    own = Measurement('feature forward', 'plain forward', [1.0], GIB, 0, 4 * 10**12)
    return [plain, own]


def test_summary_has_ratios_and_mfu(rows):
    plain, own = summarize(rows, peak_tflops=8)

    assert plain['time_ratio'] is None
    assert own['time_ratio'] == 0.5
    assert own['peak_ratio'] == 0.5
    assert own['activation_ratio'] == 0
    assert own['mfu'] == 0.5
    assert json.loads(json.dumps(own)) == own


def test_no_mfu_without_a_peak(rows):
    assert summarize(rows)[0]['mfu'] is None


def test_table_is_aligned(rows):
    lines = format_report(summarize(rows, peak_tflops=8)).splitlines()

    assert len(lines) == 4
    assert lines[0].split()[:3] == ['run', 'time', 's']
    assert lines[3].split() == (
        'feature forward 1.0000 0.500 1.000 0.500 0.000 0.000 4 4 50.0'.split()
    )
    assert len(lines[0]) == len(lines[3])


def test_operations_of_a_mini_are_not_rounded_away():
    row = Measurement('plain forward', None, [2.0], GIB, GIB, 473_600_000)
    cells = format_report(summarize([row])).splitlines()[2].split()
    assert cells[-3:-1] == ['0.000474', '0.000237']
    row = Measurement('plain forward', None, [1.0], GIB, GIB, 1296 * 10**12)
    cells = format_report(summarize([row])).splitlines()[2].split()
    assert cells[-3:-1] == ['1296', '1296']
