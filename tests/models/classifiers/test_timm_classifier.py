from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement

import diffmm  # noqa: F401


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    config = dict(type='TimmPictureClassifier', model='resnet18', num_classes=3)
    return MODELS.build(config).eval()


def labeled(*labels):
    elements = [BaseDataElement() for _ in labels]
    for element, label in zip(elements, labels, strict=True):
        element.gt_label = label
    return elements


def test_the_network_sees_pixels_as_timm_prepares_them(model):
    config = model.network.pretrained_cfg
    mean, std = (torch.tensor(config[key]).view(3, 1, 1) for key in ('mean', 'std'))
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = model.network((picture - mean) / std)
        found = model(picture * 2 - 1)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_loss_and_predictions_are_of_the_same_scores(model):
    pictures = torch.rand(2, 3, 64, 64) * 2 - 1
    logits = model(pictures)
    loss = model(pictures, labeled(2, 0), mode='loss')
    expected = -logits.log_softmax(1)[[0, 1], [2, 0]].mean()
    torch.testing.assert_close(loss['loss_class'], expected)
    given = labeled(2, 0)
    found = model(pictures, given, mode='predict')
    assert all(a is b for a, b in zip(found, given, strict=True))
    torch.testing.assert_close(torch.stack([each.logits for each in found]), logits)
