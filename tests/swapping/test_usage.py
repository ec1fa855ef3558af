from diffmm.swapping import FeatureMap
from diffmm.swapping.usage import levels_read

MAPS = [FeatureMap(c, s) for c, s in ((4, 4), (5, 8), (6, 16), (7, 32))]


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
    same = [FeatureMap(9, 8), FeatureMap(9, 16)]
    assert read(same, rpn_head=dict(in_channels=9)) == [0, 1]


def test_deeplab_reads_the_first_too():
    head = dict(in_channels=7, in_index=3, c1_in_channels=4)
    assert read(decode_head=head) == [0, 3]


def test_heads_inside_heads():
    inner = dict(in_channels=6, in_index=2)
    assert read(decode_head=dict(kernel_generate_head=inner)) == [2]


def test_all_if_none_says():
    assert read(bbox_head=dict(type='X')) == [0, 1, 2, 3]
