from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS

from tests import tiny


def build(**options):
    prompt = dict(type='ClassNamePrompt', classes=tiny.CLASSES)
    config = dict(type='StableDiffusionBackbone', arch=tiny.ARCHITECTURE, prompt=prompt)
    return MODELS.build(config | options).eval()


@pytest.mark.parametrize(
    'options',
    [
        dict(layers=['up_blocks.1', 'up_blocks.3'], attention=None),
        dict(layers=['down_blocks.1', 'mid_block'], attention=None),
        # A map of cross-attention has a channel for every name of the prompt.
        dict(layers=['up_blocks.1.attentions.0.transformer_blocks.0.attn2.map']),
        dict(layers='up', attention=None),
    ],
    ids=['decoder', 'encoder', 'attention', 'stage'],
)
def test_maps_are_as_they_were_announced(options):
    backbone = build(**options)
    with torch.no_grad():
        maps = backbone(torch.zeros(1, 3, 128, 64))
    infos = backbone.feature_info
    assert len(infos) == len(maps)
    for info, each in zip(infos, maps, strict=True):
        expected = (info.channels, 128 // info.stride, 64 // info.stride)
        assert tuple(each.shape[1:]) == expected, info


def test_a_map_names_its_layers_and_its_stride():
    infos = build(layers=['up_blocks.1'], attention=None).feature_info
    assert [info.name for info in infos] == [f'UNet up_blocks.1, 1/{infos[0].stride}']


@pytest.mark.parametrize('layers', [['up_blocks.9'], 'sideways'])
def test_what_the_unet_does_not_have_is_quoted(layers):
    name = layers if isinstance(layers, str) else layers[0]
    with pytest.raises(ValueError, match=name):
        build(layers=layers)
