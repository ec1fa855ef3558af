from __future__ import annotations

import numpy as np
import pytest

from diffmm.own_data import DataError
from diffmm.own_data.depth import check_depth
from diffmm.own_data.pictures import Picture
from tests.own_data.conftest import save_image


@pytest.fixture
def check(tmp_path):
    """Checks one depth map of a picture of 8x6."""

    def run(units, units_per_meter=1000.0, max_depth=None):
        path = save_image(tmp_path / 'depth.png', units)
        pairs = {Picture(tmp_path / 'a.jpg', 8, 6): path}
        return check_depth(pairs, units_per_meter, max_depth)

    return run


def test_the_range_is_that_of_known_pixels(check):
    units = np.zeros((6, 8), np.uint16)
    units[0] = 2500
    units[1] = 7000
    report = check(units)
    assert (report.nearest, report.farthest) == (2.5, 7.0)
    assert report.known == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ('units', 'options', 'message'),
    [
        (np.ones((6, 8), np.uint8), {}, r'1 channel\(s\) of uint8'),
        (np.ones((6, 8, 3), np.uint8), {}, r'3 channel\(s\) of uint8'),
        (np.full((5, 8), 2000, np.uint16), {}, 'is 8x5 and .* 8x6 pixels'),
        (np.full((6, 8), 5, np.uint16), {}, r'at 0.005 m \(5 at 1000 units'),
        (np.zeros((6, 8), np.uint16), {}, 'no depth map has a pixel above zero'),
        (np.full((6, 8), 2000, np.uint16), dict(max_depth=1), 'behind --max-depth 1'),
        (np.full((6, 8), 2000, np.uint16), dict(units_per_meter=0), 'must be positive'),
    ],
)
def test_what_is_refused(check, units, options, message):
    with pytest.raises(DataError, match=message):
        check(units, **options)


def test_a_file_that_is_empty(tmp_path):
    (tmp_path / 'depth.png').touch()
    with pytest.raises(DataError, match=r'depth.png cannot be read'):
        pairs = {Picture(tmp_path / 'a.jpg', 8, 6): tmp_path / 'depth.png'}
        check_depth(pairs, 1000, None)
