import pytest
import torch
from mmengine.registry import MODELS

import diffmm  # noqa: F401
from diffmm.models.backbones import DiffusionFeatures
from tests.models.necks import pyramid

REARRANGE = dict(
    type='PromptRearrangementNeck', in_channels=pyramid.CHANNELS, width=pyramid.WIDTH
)


def build(**options):
    return MODELS.build(dict(type='RecurrentRefinementNeck', **options))


@pytest.fixture
def refined():
    return pyramid.features(num_steps=3)


def test_refined_features_pass_as_they_are(refined):
    assert build(num_steps=3)(refined) is refined
    assert not list(build(num_steps=3).parameters())


def test_the_number_of_steps_may_be_left_to_the_backbone(refined):
    assert build()(refined) is refined


def test_runs_the_neck_on_them(refined):
    neck = build(num_steps=3, neck=REARRANGE)
    for actual, expected in zip(neck(refined), neck.neck(refined), strict=True):
        assert torch.equal(actual, expected)


def test_runs_lists_of_necks(refined):
    """As the hosts' configs write them."""
    host = dict(type='StridePyramidNeck', strides=[4, 16])
    host |= dict(in_channels=[3] * 4, in_strides=[4, 8, 16, 32])
    with MODELS.switch_scope_and_registry('mmengine'):
        maps = build(neck=[REARRANGE, host])(refined)
    assert [tuple(each.shape[-2:]) for each in maps] == [(32, 48), (8, 12)]


@pytest.mark.parametrize('neck_steps, backbone_steps', [(4, 3), (2, 3), (2, 1)])
def test_another_number_of_steps_than_the_backbones(neck_steps, backbone_steps):
    message = (
        f'num_steps={neck_steps}, but the backbone refinement_st.*={backbone_steps}'
    )
    with pytest.raises(ValueError, match=message):
        build(num_steps=neck_steps)(pyramid.features(num_steps=backbone_steps))


def test_bad_input_is_named(refined):
    with pytest.raises(ValueError, match='num_steps must be None or at least 1, got 0'):
        build(num_steps=0)
    assert isinstance(refined, DiffusionFeatures)
    with pytest.raises(TypeError, match='with nothing in between, and got a tuple'):
        build()(tuple(refined))
