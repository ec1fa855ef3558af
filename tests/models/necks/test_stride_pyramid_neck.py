from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from torch import nn

import diffmm  # noqa: F401

CHANNELS, STRIDES = [4, 6, 8, 10], [8, 16, 32, 64]


class SumNeck(nn.Module):
    """A host's neck."""

    def forward(self, maps):
        return tuple(each.sum(1, keepdim=True) for each in maps)


def build(strides, **options):
    config = dict(
        type='StridePyramidNeck',
        in_channels=CHANNELS,
        in_strides=STRIDES,
        strides=strides,
    )
    return MODELS.build(config | options)


def maps(height=128, width=192):
    return tuple(
        torch.randn(2, channels, -(-height // stride), -(-width // stride))
        for channels, stride in zip(CHANNELS, STRIDES, strict=True)
    )


@pytest.mark.parametrize(
    'strides, channels',
    [
        ([4, 8, 16, 32], [4, 4, 6, 8]),
        ([2, 4], [4, 4]),
        ([8, 16, 32, 64, 128, 256], [4, 6, 8, 10, 10, 10]),
        ([16, 16], [6, 6]),
        ([32, 4], [8, 4]),
    ],
)
def test_levels_have_the_strides(strides, channels):
    neck = build(strides)
    levels = neck(maps(256, 512))
    assert neck.out_channels == tuple(channels)
    assert [tuple(level.shape) for level in levels] == [
        (2, c, 256 // s, 512 // s) for c, s in zip(channels, strides, strict=True)
    ]


def test_strides_that_are_there_cost_nothing():
    neck, given = build([8, 32]), maps()
    assert not list(neck.parameters())
    first, second = neck(given)
    assert first is given[0] and second is given[2]


def test_finer_levels_are_transposed_convolutions():
    """ViTDet's: one for a doubling, normalized and activated between two."""
    neck, given = build([2, 4]), maps()
    layers = [type(layer).__name__ for layer in neck.upsample.modules()]
    names = ('ConvTranspose2d', 'GroupNorm', 'GELU')
    assert [name for name in layers if name in names] == [
        'ConvTranspose2d',
        'GroupNorm',
        'GELU',
        'ConvTranspose2d',
    ]
    finest, finer = neck(given)
    expected = neck.upsample[0][0](given[0])
    torch.testing.assert_close(finer, expected)
    norm, act, double = neck.upsample[1]
    torch.testing.assert_close(finest, double(act(norm(expected))))


def test_coarser_levels_are_pooled_and_round_up():
    given = maps(64 * 3, 64 * 3)  # 3x3 at stride 64
    (level,) = build([128])(given)
    torch.testing.assert_close(level, F.max_pool2d(given[-1], 2, ceil_mode=True))
    assert level.shape[-2:] == (2, 2)


def test_every_parameter_gets_a_gradient():
    neck = build([2, 4, 8])
    sum(level.sum() for level in neck(maps())).backward()
    assert all(parameter.grad is not None for parameter in neck.parameters())


def test_runs_the_neck_of_the_host():
    with MODELS.switch_scope_and_registry('mmengine'):
        neck = build([4, 8], neck=dict(type=SumNeck))
    assert [level.shape[1] for level in neck(maps())] == [1, 1]


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(in_channels=[4]), r'in_channels \[4\] and in_strides \[8, 16, 32, 64\]'),
        (dict(in_strides=[8, 8, 16, 32]), r'must increase, got \[8, 8, 16, 32\]'),
        (dict(strides=[4, 12]), r'powers of two, got .* and \[4, 12\]'),
        (dict(strides=[]), r'powers of two, got .* and \[\]'),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        build(**dict(strides=[4]) | options)


def test_a_missing_map_is_named():
    with pytest.raises(ValueError, match='in_channels has 4 entries .* but got 3 maps'):
        build([4])(maps()[:3])


def test_an_average_takes_the_place_of_a_class_token():
    inputs = maps()
    outputs = build([16, 16], with_token=True)(inputs)
    assert len(outputs) == 2
    for feature, token in outputs:
        assert feature is inputs[1]
        torch.testing.assert_close(token, inputs[1].mean((2, 3)))
    with pytest.raises(ValueError, match='with_token leaves no plain maps for a neck'):
        build([16], with_token=True, neck=dict(type=SumNeck))
