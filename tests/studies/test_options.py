from __future__ import annotations

from pathlib import Path

import pytest

from diffmm.studies.options import PART, Options, slug


def part(**asked):
    return Options(Path('work'), **asked).part


def test_the_name_of_a_part_tells_parts_apart():
    assert part() == part(mini=True, seeds=(0, 1)) == ''
    name = part(rows=['VPD, A32'], metrics=['mIoU'])
    assert name.startswith(f'{PART}vpd-a32-miou_')
    assert name == part(rows=['VPD, A32'], metrics=['mIoU'])
    # The same words, asked for otherwise.
    assert name != part(rows=['VPD, A32', 'mIoU'])
    assert name != part(rows=['vpd a32'], metrics=['mIoU'])
    # A long one is cut, and still another than its neighbor.
    long, other = (part(rows=['row ' * 30 + end]) for end in 'ab')
    assert long != other and len(long) < 60


@pytest.mark.parametrize(
    ('text', 'expected'),
    [('SD 1.5, A32', 'sd-1.5-a32'), ('  (ours)  ', 'ours'), ('a/b', 'a-b')],
)
def test_a_slug_is_part_of_a_path(text, expected):
    assert slug(text) == expected
