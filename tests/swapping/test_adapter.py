import pytest

import diffmm  # noqa: F401
from diffmm.models.backbones import FeatureInfo
from diffmm.swapping import SwapError
from diffmm.swapping.adapter import Adapter
from diffmm.swapping.config_keys import ChangeLog

RESNET = [FeatureInfo(c, s) for c, s in ((256, 4), (512, 8), (1024, 16), (2048, 32))]
DILATED = [FeatureInfo(c, s) for c, s in ((256, 4), (512, 8), (1024, 8), (2048, 8))]
OURS = [FeatureInfo(c, s) for c, s in ((320, 8), (640, 16), (1280, 32), (1280, 64))]


def adapt(node, old=RESNET, new=OURS, scope='mmseg', key='model.x', part='head'):
    log = ChangeLog()
    adapter = Adapter(old, new, scope, log)
    adapt_part = adapter.adapt_neck if part == 'neck' else adapter.adapt_head
    adapt_part(node, key)
    return {each.key.removeprefix(f'{key}.'): each.new for each in log.changes}


def maps(*strides):
    return [FeatureInfo(256, stride) for stride in strides]


LEVELS, COARSER = maps(4, 8, 16, 32, 64), maps(8, 16, 32, 64, 128)


def adapt_strides(node, old=LEVELS, new=COARSER, scope='mmdet'):
    return adapt(node, old, new, scope)


def test_a_list_gets_all_maps():
    node = dict(type='FPN', in_channels=[256, 512, 1024, 2048])
    assert adapt(node, part='neck') == dict(in_channels=[320, 640, 1280, 1280])


def test_a_list_from_the_coarsest():
    node = dict(type='YOLOV3Neck', in_channels=[2048, 1024, 512])
    changes = adapt(node, RESNET[1:], OURS[:3], 'mmdet', part='neck')
    assert changes == dict(in_channels=[1280, 640, 320])


def test_a_list_of_chosen_maps():
    node = dict(type='FCNHead', in_channels=[512, 1024, 2048], in_index=[1, 2, 3])
    changes = adapt(node)
    assert changes == dict(in_index=[0, 1, 2], in_channels=[320, 640, 1280])


def test_an_index_goes_to_the_nearest_stride():
    node = dict(type='FCNHead', in_channels=2048, in_index=3, channels=512)
    assert adapt(dict(node)) == dict(in_index=2, in_channels=1280)
    assert adapt(dict(node), DILATED) == dict(in_index=0, in_channels=320)


def test_the_default_index_of_the_class_counts():
    """mmseg's heads read the last map if they do not say which."""
    node = dict(type='FCNHead', in_channels=2048, channels=512)
    assert adapt(node) == dict(in_index=2, in_channels=1280)


def test_a_head_without_convolutions_has_the_maps_width():
    node = dict(type='FCNHead', in_channels=2048, channels=2048, num_convs=0)
    assert adapt(node)['channels'] == 1280


def test_deeplabs_first_map():
    node = dict(
        type='DepthwiseSeparableASPPHead',
        in_channels=2048,
        in_index=3,
        c1_in_channels=256,
        channels=512,
    )
    assert adapt(node, DILATED)['c1_in_channels'] == 320


def test_a_number_for_every_map_or_the_last():
    same = [FeatureInfo(256, s) for s in (4, 8)]
    ours = [FeatureInfo(64, s) for s in (4, 8)]
    node = dict(type='RPNHead', in_channels=256)
    assert adapt(dict(node), same, ours, 'mmdet') == dict(in_channels=64)
    node = dict(type='DilatedEncoder', in_channels=2048)
    assert adapt(node, RESNET, OURS, 'mmdet', part='neck') == dict(in_channels=1280)


def test_a_number_for_maps_that_differ_is_an_error():
    same = [FeatureInfo(256, s) for s in (4, 8)]
    with pytest.raises(SwapError, match=r'x\.in_channels has 256, .*\[320, 640, 1280'):
        adapt(dict(type='RPNHead', in_channels=256), same, OURS, 'mmdet')


@pytest.mark.parametrize(
    'node, has, should',
    [
        (dict(type='FPN', in_channels=[256, 512]), '[256, 512]', '[256, 512, 1024, 2'),
        (dict(type='FCNHead', in_channels=999, in_index=3), '999', '2048'),
        (dict(type='DilatedEncoder', in_channels=999), '999', '2048'),
    ],
)
def test_numbers_that_were_wrong_before_are_named(node, has, should):
    with pytest.raises(SwapError) as caught:
        adapt(node, part='neck')
    assert str(caught.value).startswith(f'model.x.in_channels has {has}, but should')
    assert f'be {should}' in str(caught.value)


def test_an_index_beyond_the_maps_is_named():
    with pytest.raises(SwapError, match=r'x\.in_index has 4, but should be below 4'):
        adapt(dict(type='FCNHead', in_channels=2048, in_index=4))


def test_a_head_inside_a_head_and_nothing_else():
    """K-Net: 512 is also a number of channels of a ResNet, but not here."""
    node = dict(
        type='IterativeDecodeHead',
        kernel_update_head=[dict(type='KernelUpdateHead', in_channels=512)],
        kernel_generate_head=dict(type='FCNHead', in_channels=2048, in_index=3),
    )
    changes = adapt(node, DILATED)
    assert changes == {
        'kernel_generate_head.in_index': 0,
        'kernel_generate_head.in_channels': 320,
    }


def test_roi_heads_on_one_map():
    node = dict(
        type='StandardRoIHead',
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor', out_channels=2048, featmap_strides=[16]
        ),
        bbox_head=dict(type='Shared2FCBBoxHead', in_channels=2048),
    )
    old, new = [FeatureInfo(2048, 16)], [FeatureInfo(64, 16)]
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


def test_anchors_of_all_levels():
    node = dict(type='AnchorGenerator', strides=[4, 8, 16, 32, 64], ratios=[1])
    assert adapt_strides(node) == dict(strides=[8, 16, 32, 64, 128])


def test_two_numbers_a_level():
    node = dict(type='YOLOAnchorGenerator', strides=[(4, 4), (8, 8)])
    assert adapt_strides(node, maps(4, 8), maps(8, 16)) == dict(strides=[8, 16])


def test_roi_extractors_leave_the_coarsest_out():
    node = dict(type='SingleRoIExtractor', featmap_strides=[4, 8, 16, 32])
    assert adapt_strides(node) == dict(featmap_strides=[8, 16, 32, 64])


def test_defaults_of_the_class_are_written():
    """FCOS's head has strides 4 to 64 by default, and ranges that belong to them."""
    changes = adapt_strides(dict(type='FCOSHead', num_classes=80, in_channels=256))
    assert changes['strides'] == [8, 16, 32, 64, 128]
    assert changes['regress_ranges'][0] == [-1, 128]
    assert changes['regress_ranges'][4] == [1024, 1e8]


def test_feature_size_of_simcc():
    node = dict(type='SimCCHead', in_featuremap_size=(6, 8))
    changes = adapt_strides(node, maps(32), maps(64), 'mmpose')
    assert changes == dict(in_featuremap_size=(3, 4))


def test_equal_strides_change_nothing():
    assert (
        adapt_strides(dict(type='AnchorGenerator', strides=[1, 2]), LEVELS, LEVELS)
        == {}
    )


def test_strides_of_convolutions_are_left_alone():
    assert adapt_strides(dict(type='ResNet', strides=(1, 2, 2, 2))) == {}


def test_strides_that_cannot_be_placed_are_named():
    node = dict(type='AnchorGenerator', strides=[8, 16, 100])
    with pytest.raises(SwapError, match=r'x\.strides has \[8, 16, 100\], .*\[4, 8, 16'):
        adapt_strides(node)


def test_a_neck_that_passes_its_maps_on_and_adds_some():
    """SSD's: its first outputs are its inputs."""
    node = dict(
        type='SSDNeck', in_channels=(512, 1024), out_channels=(512, 1024, 256, 128)
    )
    old, new = RESNET[1:3], OURS[:2]
    assert adapt(node, old, new, 'mmdet', part='neck') == dict(
        in_channels=(320, 640), out_channels=(320, 640, 256, 128)
    )


def test_heads_inside_a_head_that_has_no_channels_itself():
    """A pair of heads; a number of another part is left alone."""
    inner = dict(type='HeatmapHead', in_channels=2048, out_channels=17)
    node = dict(type='VisPredictHead', pose_cfg=inner, loss=dict(type='BCELoss'))
    assert adapt(node, RESNET[3:], OURS[2:3], 'mmpose') == {
        'pose_cfg.in_channels': 1280
    }
    stages = [
        dict(type='RPNHead', in_channels=256),
        dict(type='RPNHead', in_channels=9),
    ]
    node = dict(type='CascadeRPNHead', stages=stages)
    ours = [FeatureInfo(64, 8), FeatureInfo(64, 16)]
    assert adapt(node, maps(8, 16), ours, 'mmdet') == {'stages.0.in_channels': 64}


def test_the_width_of_plain_transformers():
    """DPT's head has one width for its list of maps; a decoder has its own."""
    vit = [FeatureInfo(768, 16)] * 4
    ours = [FeatureInfo(64, 16)] * 4
    node = dict(type='DPTHead', in_channels=(768,) * 4, in_index=(0, 1, 2, 3))
    node |= dict(embed_dims=768)
    changes = adapt(node, vit, ours)
    assert changes == dict(in_channels=(64,) * 4, embed_dims=64)
    node = dict(type='SegmenterMaskTransformerHead', in_channels=768, embed_dims=768)
    assert 'embed_dims' not in adapt(node, vit, ours)


def test_a_head_that_predicts_its_maps_gets_a_layer():
    node = dict(type='CPMHead', in_channels=17, out_channels=17, num_stages=2)
    node |= dict(deconv_out_channels=None, final_layer=None)
    old, new = [FeatureInfo(17, 8)] * 2, [FeatureInfo(32, 8)] * 2
    changes = adapt(node, old, new, 'mmpose')
    assert changes == dict(in_channels=32, final_layer=dict(kernel_size=1))
