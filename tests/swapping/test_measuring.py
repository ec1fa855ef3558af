import pytest
import torch
from mmengine.registry import MODELS
from torch import nn

import diffmm  # noqa: F401
from diffmm.models.backbones import FeatureInfo
from diffmm.swapping import SwapError
from diffmm.swapping.measuring import measured_maps, promised_maps, run_neck
from tests.tiny import backbone_config


def infos(*pairs):
    return tuple(FeatureInfo(*pair) for pair in pairs)


MAPS = infos((4, 8), (6, 16), (8, 32))


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
    assert maps == real
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
    assert found.maps == infos((64, 4), (128, 8), (256, 8), (512, 8))
    assert not found.with_token


def test_a_package_that_is_not_installed():
    message = r'NoSuchBackbone.*cannot be built here.*host_maps=\[\(320, 8\), '
    with pytest.raises(SwapError, match=message):
        measured_maps(dict(type='NoSuchBackbone'), 'mmdet')


def test_a_backbone_whose_package_no_longer_installs():
    """mmseg's VPD asserts that Stable Diffusion's own code is there."""
    message = r"type has 'VPD', which cannot be built here \(.*\(1280, 64\)\]"
    with pytest.raises(SwapError, match=message):
        measured_maps(dict(type='VPD', diffusion_cfg=dict()), 'mmseg')


class OwnSize(nn.Module):
    """A backbone with a position for every patch of its own image size."""

    def __init__(self, img_size):
        super().__init__()
        self.places = nn.Parameter(torch.zeros(1, 5, *[s // 16 for s in img_size]))

    def forward(self, images):
        return [torch.zeros(1, 5, *[s // 16 for s in images.shape[2:]]) + self.places]


def test_a_backbone_of_one_image_size_is_measured_at_that():
    backbone = dict(type=OwnSize, img_size=(640, 320))
    found = measured_maps(backbone, 'mmseg', [(640, 320)])
    assert found.maps == infos((5, 16))
    message = r'fails on 512x512 pixels: .*; on 384x384 pixels: .*host_maps=\['
    with pytest.raises(SwapError, match=message):
        measured_maps(backbone, 'mmseg', [(384, 384)])


class Tokens(nn.Module):
    def forward(self, images):
        feature = images.new_zeros(len(images), 3, 32, 32)
        return [[feature, feature.mean((2, 3))]] * 2


def test_a_class_token_beside_every_map():
    found = measured_maps(dict(type=Tokens), 'mmseg')
    assert found.maps == infos((3, 16), (3, 16)) and found.with_token


class TwoBranches(nn.Module):
    def forward(self, images):
        return (images, images) if self.training else images


def test_other_maps_in_training_are_refused():
    with pytest.raises(SwapError, match='gives 2 maps in training and 1 afterwards'):
        measured_maps(dict(type=TwoBranches), 'mmseg')


def test_synchronized_norms_need_no_process_group():
    neck = dict(type='FPN', in_channels=[4, 6, 8], out_channels=4, num_outs=3)
    neck['norm_cfg'] = dict(type='MMSyncBN', requires_grad=True)
    given, _ = run_neck(neck, MAPS, 'mmdet', 'model.neck')
    assert given == infos((4, 8), (4, 16), (4, 32))


def test_stacks_of_maps_are_refused():
    with pytest.raises(SwapError, match='gives no plain list of maps'):
        measured_maps(dict(type=Stacks), 'mmdet')


def test_runs_a_neck_and_sees_what_it_reads():
    neck = dict(
        type='FPN', in_channels=[4, 6, 8], out_channels=5, start_level=1, num_outs=3
    )
    given, read = run_neck(neck, MAPS, 'mmdet', 'model.neck')
    assert given == infos((5, 16), (5, 32), (5, 64))
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
