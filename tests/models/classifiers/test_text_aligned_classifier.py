from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import nn

import diffmm  # noqa: F401
from tests import tiny


class Doubling(nn.Module):
    """A neck that knows the channels of the backbone, and doubles its maps."""

    def __init__(self, in_channels):
        super().__init__()
        self.in_channels = in_channels

    def forward(self, maps):
        return tuple(2 * each for each in maps)


@pytest.fixture(scope='module', autouse=True)
def neck():
    MODELS.register_module('Doubling', module=Doubling)
    yield
    MODELS.module_dict.pop('Doubling')


def build(**options):
    torch.manual_seed(0)
    pool = dict(type='VectorAdapter', in_channels=512, out_channels=tiny.WIDTH)
    config = dict(
        type='TextAlignedClassifier',
        backbone=dict(type='TimmBackbone', model='resnet18'),
        head=dict(
            type='CosineTextHead',
            arch=tiny.ARCHITECTURE,
            num_classes=2,
            classes=['cat', 'dog'],
            pool=pool,
        ),
    )
    return MODELS.build(config | options).eval()


@pytest.fixture(scope='module')
def model():
    return build()


@pytest.fixture(scope='module')
def pictures():
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def samples(*labels):
    elements = [BaseDataElement() for _ in labels]
    for element, label in zip(elements, labels, strict=True):
        element.gt_label = label
    return elements


@torch.no_grad()
def test_predictions_carry_unit_vectors_and_scores(model, pictures):
    vectors = model(pictures)
    given = samples(0, 1)
    found = model(pictures, given, mode='predict')
    assert all(a is b for a, b in zip(found, given, strict=True))
    for sample, vector in zip(found, vectors, strict=True):
        torch.testing.assert_close(sample.vector, vector / vector.norm())
        assert sample.logits.shape == (2,)
    # Pictures of no data set have no samples.
    plain = model(pictures, mode='predict')
    torch.testing.assert_close(plain[1].vector, found[1].vector)


def test_the_loss_is_that_of_the_labels(model, pictures):
    right, wrong = (
        sum(model(pictures, samples(*labels), mode='loss').values())
        for labels in ([0, 1], [1, 0])
    )
    logits = model.head.logits(model(pictures))
    better = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1]))
    worse = torch.nn.functional.cross_entropy(logits, torch.tensor([1, 0]))
    assert (right < wrong) == (better < worse)
    right.backward()
    assert any(p.grad is not None for p in model.head.parameters())


def test_a_neck_gets_the_channels_of_the_backbone_and_its_maps(model, pictures):
    prompt = dict(type='ClassNamePrompt', classes=tiny.CLASSES)
    backbone = dict(
        type='StableDiffusionBackbone',
        arch=tiny.ARCHITECTURE,
        attention=None,
        prompt=prompt,
    )
    other = build(backbone=backbone, neck=dict(type='Doubling'))
    infos = other.backbone.feature_info
    assert other.neck.in_channels == [info.channels for info in infos]
    assert build(neck=dict(type='Doubling', in_channels=[3])).neck.in_channels == [3]


def test_another_mode_is_quoted(model, pictures):
    with pytest.raises(ValueError, match="'tensor', 'loss' or 'predict', got 'train'"):
        model(pictures, mode='train')
