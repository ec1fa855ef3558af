import pytest

from diffmm.swapping import FeatureMap, SwapError
from diffmm.swapping.levels import (
    common_channels,
    nearest_level,
    nearest_levels,
)

OURS = [FeatureMap(c, s) for c, s in ((32, 8), (64, 16), (128, 32), (128, 64))]


def maps(*strides):
    return [FeatureMap(1, stride) for stride in strides]


@pytest.mark.parametrize(
    'strides, index, expected',
    [
        ((4, 8, 16, 32), 3, 2),
        ((4, 8, 16, 32), -1, 2),
        ((4, 8, 16, 32), 0, 0),
        ((4, 8, 8, 8), 2, 0),  # a dilated ResNet
        ((16, 8, 4, 2, 1), 4, 0),  # a U-Net
        ((32,), 0, 2),
    ],
)
def test_the_nearest_stride_counts(strides, index, expected):
    assert nearest_level(index, maps(*strides), OURS) == expected


def test_among_equal_strides_the_place_counts():
    same = maps(16, 16, 16)
    assert [nearest_level(i, same, same) for i in range(3)] == [0, 1, 2]
    assert nearest_level(3, maps(16, 16, 16, 16), same) == 2


@pytest.mark.parametrize(
    'indices, expected', [([1, 2, 3], [0, 1, 2]), ([0, 1, 2, 3], [0, 1, 2, 3])]
)
def test_several_levels_stay_several(indices, expected):
    assert nearest_levels(indices, maps(4, 8, 16, 32), OURS, 'k') == expected


def test_too_many_levels_are_named():
    with pytest.raises(SwapError, match=r'k has \[0, 1, 2, 3, 4\], 5 .* at most 4'):
        nearest_levels(range(5), maps(4, 8, 16, 32, 64), OURS, 'k')


def test_common_channels():
    assert common_channels(maps(4, 8)) == 1
    assert common_channels(OURS) is None
