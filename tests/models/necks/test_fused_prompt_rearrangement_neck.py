from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS
from torch import nn

import diffmm  # noqa: F401
from tests.models.necks.pyramid import CHANNELS, WIDTH, features
from tests.tiny import count_parameters


class SumNeck(nn.Module):
    """A host's neck."""

    def forward(self, maps):
        return tuple(each.sum(1, keepdim=True) for each in maps)


def build(**options):
    config = dict(
        type='FusedPromptRearrangementNeck',
        in_channels=CHANNELS,
        width=WIDTH,
        hidden_channels=5,
    )
    return MODELS.build(config | options)


def test_size_at_sd15():
    with torch.device('meta'):
        neck = build(in_channels=[320, 640, 1280, 1280], width=768, hidden_channels=32)
    assert count_parameters(neck) == 27_874_240


def test_layers_of_the_laterals():
    """Level i is enlarged i times; the finest only passes a convolution."""
    layers = [
        [type(layer).__name__ for layer in lateral] for lateral in build().laterals
    ]
    double = ['ConvTranspose2d', 'BatchNorm2d', 'ReLU']
    restore = ['Conv2d', 'BatchNorm2d', 'ReLU']
    assert layers == [
        ['Conv2d', 'GroupNorm', 'ReLU'],
        [*double, *restore],
        [*double * 2, *restore],
        [*double * 3, *restore],
    ]


@pytest.mark.parametrize('size', [(128, 192), (100, 70)])
def test_one_map_of_the_finest_stride(size):
    neck, given = build().eval(), features(*size)
    (fused,) = neck(given)
    assert fused.shape == (2, 3, *given[0].shape[-2:])
    height, width = given[0].shape[-2:]
    aligned = [
        lateral(feature)[..., :height, :width]
        for lateral, feature in zip(neck.laterals, given, strict=True)
    ]
    assert [each.shape[1] for each in aligned] == CHANNELS
    expected = neck.fuse(torch.cat(aligned, dim=1), given.context)
    torch.testing.assert_close(fused, expected)


def test_every_level_matters():
    neck, given = build().eval(), features(batch=1)
    with torch.no_grad():
        (before,) = neck(given)
        for feature in given:
            feature.add_(1)
            (after,) = neck(given)
            assert not torch.allclose(after, before, atol=1e-4)
            before = after


def test_rearrangement_may_be_left_out():
    (fused,) = build(rearrange=False)(features())
    assert fused.shape[1] == WIDTH


def test_every_parameter_gets_a_gradient_and_so_do_the_prompts():
    neck, given = build(), features()
    neck(given)[0].square().sum().backward()
    assert given.context.grad.abs().max() > 0
    assert all(parameter.grad is not None for parameter in neck.parameters())


def test_runs_the_neck_of_the_host():
    with MODELS.switch_scope_and_registry('mmengine'):
        neck = build(neck=dict(type=SumNeck))
    (summed,) = neck(features())
    assert summed.shape[1] == 1


@pytest.mark.parametrize(
    'given, error, message',
    [
        (tuple(features()), TypeError, 'let it follow the backbone'),
        (features(context_width=24), ValueError, 'prompts are 24 wide'),
    ],
    ids=['no prompts', 'width'],
)
def test_features_that_do_not_fit_are_named(given, error, message):
    with pytest.raises(error, match=message):
        build()(given)
