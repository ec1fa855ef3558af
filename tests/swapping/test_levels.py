import pytest

from diffmm.models.backbones import FeatureInfo
from diffmm.swapping import SwapError
from diffmm.swapping.levels import (
    children_of,
    common_channels,
    heads_of,
    levels_read,
    nearest_level,
    nearest_levels,
    walk,
)

MAPS = [FeatureInfo(c, s) for c, s in ((4, 4), (5, 8), (6, 16), (7, 32))]
OURS = [FeatureInfo(c, s) for c, s in ((32, 8), (64, 16), (128, 32), (128, 64))]


def maps(*strides):
    return [FeatureInfo(1, stride) for stride in strides]


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


def test_finds_heads():
    model = dict(
        backbone=dict(),
        decode_head=[dict(a=1), dict(a=2)],
        rpn_head=dict(a=3),
        head=dict(a=4),
        auxiliary_head=None,
    )
    assert {key: node['a'] for key, node in heads_of(model)} == {
        'model.decode_head.0': 1,
        'model.decode_head.1': 2,
        'model.rpn_head': 3,
        'model.head': 4,
    }


def test_walks_through_lists():
    node = dict(a=[dict(b=dict(c=1))])
    assert [key for key, _ in walk(node, 'x')] == ['x.a.0', 'x.a.0.b']


def read(maps=MAPS, **model):
    return [i for i, flag in enumerate(levels_read(model, maps)) if flag]


def test_indexed_heads():
    model = dict(
        decode_head=dict(in_channels=7, in_index=3),
        auxiliary_head=[dict(in_channels=6, in_index=-2)],
    )
    assert read(**model) == [2, 3]


def test_lists_read_all_or_what_they_say():
    assert read(panoptic_head=dict(in_channels=[4, 5, 6, 7])) == [0, 1, 2, 3]
    assert read(decode_head=dict(in_channels=[5, 7], in_index=[1, 3])) == [1, 3]


def test_a_number_is_the_last_map_or_every_one():
    assert read(head=dict(in_channels=7)) == [3]
    same = [FeatureInfo(9, 8), FeatureInfo(9, 16)]
    assert read(same, rpn_head=dict(in_channels=9)) == [0, 1]


def test_deeplab_reads_the_first_too():
    head = dict(in_channels=7, in_index=3, c1_in_channels=4)
    assert read(decode_head=head) == [0, 3]


def test_heads_inside_heads():
    inner = dict(in_channels=6, in_index=2)
    assert read(decode_head=dict(kernel_generate_head=inner)) == [2]


def test_heads_without_channels_hand_their_maps_on():
    pair = dict(type='X', pose_cfg=dict(in_channels=7), other=[dict(in_channels=7)])
    assert read(head=pair) == [3]
    assert [key for key, _ in children_of(pair, 'h')] == ['h.pose_cfg', 'h.other.0']


def test_all_if_none_says():
    assert read(bbox_head=dict(type='X')) == [0, 1, 2, 3]
