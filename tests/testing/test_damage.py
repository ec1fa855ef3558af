from __future__ import annotations

import random

import pytest

from diffmm.testing.damage import DAMAGES, damage


@pytest.mark.parametrize('kind', DAMAGES)
def test_every_kind_changes_a_file_and_repeats_by_seed(tmp_path, kind):
    path = tmp_path / 'file'
    sound = bytes(range(1, 256)) * 4
    results = []
    for seed in (0, 0, 1):
        path.write_bytes(sound)
        damage(path, kind, random.Random(seed))
        results.append(path.read_bytes())
    assert results[0] == results[1] != sound
    if kind not in ('empty', 'a web page'):
        assert results[2] != results[0]
    if kind == 'bit flipped':
        different = [a ^ b for a, b in zip(sound, results[0], strict=True) if a != b]
        assert len(different) == 1 and different[0].bit_count() == 1
