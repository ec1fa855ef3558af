import pytest
import torch
from mmengine.registry import MODELS
from torch import nn

import diffmm  # noqa: F401
from diffmm.swapping import FeatureMap, SwapError
from diffmm.swapping.measuring import (
    build,
    find_class,
    measured_maps,
    promised_maps,
    run_neck,
)
from tests.tiny import backbone_config

MAPS = [FeatureMap(c, s) for c, s in ((4, 8), (6, 16), (8, 32))]


class Stacks(nn.Module):
    def forward(self, images):
        return [[images], [images]]


def test_promises_without_weights(monkeypatch):
    devices = []
    original = MODELS.build

    def spy(*args, **kwargs):
        module = original(*args, **kwargs)
        devices.extend(p.device.type for p in module.parameters())
        return module

    monkeypatch.setattr(MODELS, 'build', spy)
    attention = dict(stages=('down', 'up'), max_size=32)
    maps = promised_maps(backbone_config(attention=attention), 'mmengine')
    monkeypatch.undo()
    real = MODELS.build(backbone_config(attention=attention)).feature_info
    assert list(maps) == [(each.channels, each.stride) for each in real]
    assert set(devices) == {'meta'}


def test_a_backbone_that_promises_nothing():
    with pytest.raises(SwapError, match="backbone.type has 'ResNet', .*feature_info"):
        promised_maps(dict(type='ResNet', depth=18), 'mmdet')


def test_measures_a_host():
    backbone = dict(
        type='ResNet',
        depth=18,
        dilations=(1, 1, 2, 4),
        strides=(1, 2, 1, 1),
        init_cfg=dict(type='Pretrained', checkpoint='https://not.there'),
    )
    found = measured_maps(backbone, 'mmseg')
    assert found == ((64, 4), (128, 8), (256, 8), (512, 8))


def test_a_package_that_is_not_installed():
    with pytest.raises(SwapError, match='not installed, .*pass host_maps'):
        measured_maps(dict(type='NoSuchBackbone'), 'mmdet')


def test_stacks_of_maps_are_refused():
    with pytest.raises(SwapError, match='gives no plain list of maps'):
        measured_maps(dict(type=Stacks), 'mmdet')


def test_runs_a_neck_and_sees_what_it_reads():
    neck = dict(
        type='FPN', in_channels=[4, 6, 8], out_channels=5, start_level=1, num_outs=3
    )
    given, read = run_neck(neck, MAPS, 'mmdet', 'model.neck')
    assert given == ((5, 16), (5, 32), (5, 64))
    assert read == (False, True, True)


def test_globally_pooled_maps():
    neck = dict(type='GlobalAveragePooling')
    given, _ = run_neck(neck, MAPS[-1:], 'mmpose', 'model.neck')
    assert given[0].channels == 8


def test_a_neck_that_does_not_fit_is_named():
    neck = dict(type='FPN', in_channels=[4, 6], out_channels=5, num_outs=2)
    with pytest.raises(
        SwapError, match=r'model\.neck has FPN .* 3 maps of \[4, 6, 8\]'
    ):
        run_neck(neck, MAPS, 'mmdet', 'model.neck')


def test_builds_in_the_scope_it_is_told():
    conv = dict(type='FCNHead', in_channels=2, channels=2, num_classes=2)
    assert type(build(conv, 'mmseg')).__module__.startswith('mmseg')
    assert find_class('FCNHead', 'mmseg') is type(build(conv, 'mmseg'))
    assert find_class('NoSuchThing', 'mmseg') is None
    assert find_class(torch.nn.Identity, 'mmseg') is torch.nn.Identity
