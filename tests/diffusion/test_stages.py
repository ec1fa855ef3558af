"""Maps made of layers: their sizes, their channels, and what no map can be made of."""

import pytest
import torch
import torch.nn.functional as F

from diffmm.diffusion.stages import STAGES, FeatureMap, resolve_maps
from diffmm.diffusion.unet_layers import UNetLayer

LAYERS = [
    *(UNetLayer(f'down_blocks.{i}', 'block', min(i + 1, 3), 4 + i) for i in range(4)),
    UNetLayer('mid_block', 'block', 3, 7),
    *(UNetLayer(f'up_blocks.{i}', 'block', max(2 - i, 0), 9 - i) for i in range(4)),
    UNetLayer('up_blocks.1.attn2.map', 'attention', 2, None),
    UNetLayer('up_blocks.1.attn1.map', 'attention', 2, None),
]
BY_NAME = {layer.name: layer for layer in LAYERS}


def test_layers_of_other_sizes_are_resized_and_concatenated():
    outputs = {'a': torch.randn(1, 2, 4, 6), 'b': torch.randn(1, 3, 2, 3)}
    built = FeatureMap(('a', 'b'), 1).build(outputs, 8, 12)
    assert built.shape == (1, 5, 4, 6)
    assert torch.equal(built[:, :2], outputs['a'])
    enlarged = F.interpolate(outputs['b'], (4, 6), mode='bilinear')
    assert torch.equal(built[:, 2:], enlarged)


def test_an_average_keeps_the_channels():
    outputs = {
        name: torch.full((1, 2, 4, 4), value)
        for name, value in zip('ab', (1.0, 3.0), strict=True)
    }
    each = FeatureMap(('a', 'b'), 0, mean=True)
    assert torch.equal(each.build(outputs, 4, 4), torch.full((1, 2, 4, 4), 2.0))
    layers = {name: UNetLayer(name, 'block', 0, 2) for name in 'ab'}
    assert each.channels(layers, tokens=5) == 2


@pytest.mark.parametrize('stage', STAGES)
def test_every_stage_has_four_levels(stage):
    maps = resolve_maps(stage, LAYERS, ())
    assert [each.level for each in maps] == [0, 1, 2, 3]


def test_names_are_maps_of_their_own_level():
    chosen = ('mid_block', 'up_blocks.1.attn2.map')
    maps = resolve_maps(chosen, LAYERS, ())
    assert [(each.layers, each.level) for each in maps] == [
        (('mid_block',), 3),
        (('up_blocks.1.attn2.map',), 2),
    ]
    # A map of cross-attention has a channel for each token.
    assert [each.channels(BY_NAME, tokens=5) for each in maps] == [7, 5]
    assert resolve_maps(None, LAYERS, ('mid_block',)) == maps[:1]


@pytest.mark.parametrize(
    'choice, message',
    [
        ('middle', "a list of names of layers, got 'middle'"),
        ([], r'each layer once, got \[\]'),
        (['mid_block', 'mid_block'], 'each layer once'),
        (['up_blocks.1.attn1.map'], 'depend on the size of the image'),
        (['up_blocks.9'], 'up_blocks.9'),
    ],
)
def test_what_no_map_is_made_of(choice, message):
    with pytest.raises(ValueError, match=message):
        resolve_maps(choice, LAYERS, ())
