"""Losses of depth maps that are predicted in one step."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS

import diffmm  # noqa: F401  registers the losses


def build(kind, **options):
    return MODELS.build(dict(type=kind, **options))


@pytest.mark.parametrize('directions', [('up',), (), ('vertical', 'up')])
def test_directions_that_are_refused(directions):
    with pytest.raises(ValueError, match='some of .*vertical.*got ') as caught:
        build('DepthGradientLoss', directions=directions)
    assert str(caught.value).endswith(f'got {directions}')


def test_meters_need_a_codec_that_knows_them():
    gray = torch.zeros(1, 1, 2, 2)
    loss = build('AlignedDepthLoss', meters=True)
    with pytest.raises(ValueError, match='meters=True. needs a codec that knows'):
        loss(gray, gray, gray == 0)
