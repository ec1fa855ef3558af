import pytest

import diffmm  # noqa: F401
from diffmm.swapping import FeatureMap, SwapError
from diffmm.swapping.adapt_channels import adapt_channels
from diffmm.swapping.recorder import Recorder

RESNET = [FeatureMap(c, s) for c, s in ((256, 4), (512, 8), (1024, 16), (2048, 32))]
DILATED = [FeatureMap(c, s) for c, s in ((256, 4), (512, 8), (1024, 8), (2048, 8))]
OURS = [FeatureMap(c, s) for c, s in ((320, 8), (640, 16), (1280, 32), (1280, 64))]


def adapt(node, old=RESNET, new=OURS, scope='mmseg'):
    recorder = Recorder()
    adapt_channels(node, 'model.x', old, new, scope, recorder)
    return {each.key.removeprefix('model.x.'): each.new for each in recorder.changes}


def test_a_list_gets_all_maps():
    node = dict(type='FPN', in_channels=[256, 512, 1024, 2048])
    assert adapt(node) == dict(in_channels=[320, 640, 1280, 1280])


def test_a_list_from_the_coarsest():
    node = dict(type='YOLOV3Neck', in_channels=[2048, 1024, 512])
    changes = adapt(node, RESNET[1:], OURS[:3], 'mmdet')
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
    same = [FeatureMap(256, s) for s in (4, 8)]
    ours = [FeatureMap(64, s) for s in (4, 8)]
    node = dict(type='RPNHead', in_channels=256)
    assert adapt(dict(node), same, ours, 'mmdet') == dict(in_channels=64)
    node = dict(type='DilatedEncoder', in_channels=2048)
    assert adapt(node, RESNET, OURS, 'mmdet') == dict(in_channels=1280)


def test_a_number_for_maps_that_differ_is_an_error():
    same = [FeatureMap(256, s) for s in (4, 8)]
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
        adapt(node)
    assert str(caught.value).startswith(f'model.x.in_channels has {has}, but should')
    assert f'be {should}' in str(caught.value)


def test_an_index_beyond_the_maps_is_named():
    with pytest.raises(SwapError, match=r'x\.in_index has 4, but should be below 4'):
        adapt(dict(type='FCNHead', in_channels=2048, in_index=4))
