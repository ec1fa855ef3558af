import pytest

import diffmm  # noqa: F401
from diffmm.swapping import FeatureMap, SwapError
from diffmm.swapping.adapt_strides import adapt_strides
from diffmm.swapping.recorder import Recorder


def maps(*strides):
    return [FeatureMap(256, stride) for stride in strides]


OLD, NEW = maps(4, 8, 16, 32, 64), maps(8, 16, 32, 64, 128)


def adapt(node, old=OLD, new=NEW, scope='mmdet'):
    recorder = Recorder()
    adapt_strides(node, 'model.x', old, new, scope, recorder)
    return {each.key.removeprefix('model.x.'): each.new for each in recorder.changes}


def test_anchors_of_all_levels():
    node = dict(type='AnchorGenerator', strides=[4, 8, 16, 32, 64], ratios=[1])
    assert adapt(node) == dict(strides=[8, 16, 32, 64, 128])


def test_two_numbers_a_level():
    node = dict(type='YOLOAnchorGenerator', strides=[(4, 4), (8, 8)])
    assert adapt(node, maps(4, 8), maps(8, 16)) == dict(strides=[8, 16])


def test_roi_extractors_leave_the_coarsest_out():
    node = dict(type='SingleRoIExtractor', featmap_strides=[4, 8, 16, 32])
    assert adapt(node) == dict(featmap_strides=[8, 16, 32, 64])


def test_defaults_of_the_class_are_written():
    """FCOS's head has strides 4 to 64 by default, and ranges that belong to them."""
    changes = adapt(dict(type='FCOSHead', num_classes=80, in_channels=256))
    assert changes['strides'] == [8, 16, 32, 64, 128]
    assert changes['regress_ranges'][0] == [-1, 128]
    assert changes['regress_ranges'][4] == [1024, 1e8]


def test_feature_size_of_simcc():
    node = dict(type='SimCCHead', in_featuremap_size=(6, 8))
    changes = adapt(node, maps(32), maps(64), 'mmpose')
    assert changes == dict(in_featuremap_size=(3, 4))


def test_equal_strides_change_nothing():
    assert adapt(dict(type='AnchorGenerator', strides=[1, 2]), OLD, OLD) == {}


def test_strides_of_convolutions_are_left_alone():
    assert adapt(dict(type='ResNet', strides=(1, 2, 2, 2))) == {}


def test_strides_that_cannot_be_placed_are_named():
    node = dict(type='AnchorGenerator', strides=[8, 16, 100])
    with pytest.raises(SwapError, match=r'x\.strides has \[8, 16, 100\], .*\[4, 8, 16'):
        adapt(node)
