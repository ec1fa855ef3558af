import numpy as np
import pytest

from diffmm.mini_world.language.measured_object import MeasuredObject


def measured(rows, columns):
    mask = np.zeros((10, 10), bool)
    mask[rows, columns] = True
    return MeasuredObject.from_mask(mask)


def test_extent():
    found = measured(slice(2, 6), slice(1, 4))
    assert found == MeasuredObject(
        left=0.1, right=0.4, middle=pytest.approx(0.25), bottom=0.6
    )


def test_in_line():
    first = measured(slice(2, 6), slice(1, 4))
    assert first.in_line(measured(slice(7, 9), slice(3, 6)))
    assert not first.in_line(measured(slice(7, 9), slice(4, 6)))


def test_empty_mask():
    with pytest.raises(ValueError, match='the mask is empty'):
        measured(slice(0, 0), slice(0, 0))
