from __future__ import annotations

import pytest

from diffmm.studies import SeedTable


def test_rows_end_in_mean_and_standard_deviation():
    table = SeedTable(('arm', 'rate'), [0, 4], digits=1)
    assert table.add(('ours', '0.1'), [1.0, 3.0]) == dict(
        mean=2, std=pytest.approx(2**0.5)
    )
    lines = str(table).splitlines()
    assert lines[0].split() == 'arm rate seed 0 seed 4 mean std'.split()
    assert lines[2].split() == ['ours', '0.1', '1.0', '3.0', '2.0', '1.4']


def test_one_seed_has_no_spread():
    assert SeedTable(('arm',), [0]).add(('ours',), [5.0]) == dict(mean=5, std=0)
