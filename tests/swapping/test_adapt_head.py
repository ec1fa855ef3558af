import pytest

import diffmm  # noqa: F401
from diffmm.swapping import FeatureMap, SwapError
from diffmm.swapping.adapt_head import adapt_head, heads_of, walk
from diffmm.swapping.recorder import Recorder

RESNET = [FeatureMap(c, s) for c, s in ((256, 4), (512, 8), (1024, 8), (2048, 8))]
OURS = [FeatureMap(c, s) for c, s in ((32, 8), (64, 16), (128, 32), (128, 64))]


def adapt(node, old=RESNET, new=OURS, scope='mmseg', key='model.decode_head'):
    recorder = Recorder()
    adapt_head(node, key, old, new, scope, recorder)
    return {each.key.removeprefix(f'{key}.'): each.new for each in recorder.changes}


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


def test_a_head_inside_a_head_and_nothing_else():
    """K-Net: 512 is also a number of channels of a ResNet, but not here."""
    node = dict(
        type='IterativeDecodeHead',
        kernel_update_head=[dict(type='KernelUpdateHead', in_channels=512)],
        kernel_generate_head=dict(type='FCNHead', in_channels=2048, in_index=3),
    )
    changes = adapt(node)
    assert changes == {
        'kernel_generate_head.in_index': 0,
        'kernel_generate_head.in_channels': 32,
    }


def test_roi_heads_on_one_map():
    node = dict(
        type='StandardRoIHead',
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor', out_channels=2048, featmap_strides=[16]
        ),
        bbox_head=dict(type='Shared2FCBBoxHead', in_channels=2048),
    )
    old, new = [FeatureMap(2048, 16)], [FeatureMap(64, 16)]
    changes = adapt(node, old, new, 'mmdet', 'model.roi_head')
    assert changes == {
        'bbox_roi_extractor.out_channels': 64,
        'bbox_head.in_channels': 64,
    }


def test_stages_of_the_old_backbone_are_refused():
    node = dict(type='StandardRoIHead', shared_head=dict(type='ResLayer'))
    with pytest.raises(SwapError, match=r'roi_head\.shared_head has ResLayer'):
        adapt(node, key='model.roi_head', scope='mmdet')


def test_equal_maps_change_nothing():
    assert adapt(dict(type='FCNHead', in_channels=1), OURS, OURS) == {}
