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
    config = dict(type='PromptRearrangementNeck', in_channels=CHANNELS, width=WIDTH)
    return MODELS.build(config | options)


def test_size_at_sd15():
    with torch.device('meta'):
        neck = build(in_channels=[320, 640, 1280, 1280], width=768)
    assert count_parameters(neck) == 24_339_456


def test_one_channel_a_prompt_at_half_the_strides():
    neck, given = build(), features()
    maps = neck(given)
    assert [tuple(each.shape) for each in maps] == [
        (2, 3, 128 // s, 192 // s) for s in (4, 8, 16, 32)
    ]
    for level, feature, actual in zip(neck.levels, given, maps, strict=True):
        torch.testing.assert_close(actual, level(feature, given.context))


def test_odd_sizes_are_doubled():
    maps = build()(features(100, 70))
    assert [tuple(each.shape[-2:]) for each in maps] == [
        (26, 18),
        (14, 10),
        (8, 6),
        (4, 4),
    ]


def test_rearrangement_may_be_left_out():
    neck = build(rearrange=False)
    assert [each.shape[1] for each in neck(features())] == [WIDTH] * 4


def test_every_parameter_gets_a_gradient_and_so_do_the_prompts():
    neck, given = build(), features()
    sum(each.square().sum() for each in neck(given)).backward()
    assert given.context.grad.abs().max() > 0
    assert all(parameter.grad is not None for parameter in neck.parameters())


def test_runs_the_neck_of_the_host():
    with MODELS.switch_scope_and_registry('mmengine'):
        neck = build(neck=dict(type=SumNeck))
    assert [each.shape[1] for each in neck(features())] == [1] * 4


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
