"""A pass computes the layers that it returns, and nothing behind them."""

import pytest
import torch

from diffmm.diffusion import AttentionRequest, FeatureUNet
from diffmm.diffusion.layer_choice import LayerChoice
from diffmm.diffusion.unet_layers import list_steps
from tests import tiny
from tests.diffusion.test_unet_layers import LATENTS, pair


@pytest.fixture
def inputs():
    return torch.randn(2, 4, *LATENTS), torch.randn(2, 5, tiny.WIDTH)


@pytest.mark.parametrize('known', [False, True])
def test_a_pass_stops_at_the_last_layer_or_map(known):
    request = AttentionRequest(('up',), max_size=16)
    steps = list_steps(FeatureUNet.build(tiny.UNET))
    choice = LayerChoice(steps, ['up_blocks.0', 'down_blocks.1'])
    choice.read(choice.names, request if known else None)
    assert choice.last(None) == 'up_blocks.0'
    last = 'up_blocks.1.attentions.2.transformer_blocks.0.attn2.map'
    assert choice.last(request) == last
    assert len(choice.requested_maps(request)) == 3
    behind = set(choice.unreached())
    assert ('up_blocks.1.resnets.0' in behind) != known
    assert 'up_blocks.1.resnets.0' in choice.untrained()  # the maps have no gradient
    assert 'up_blocks.2.resnets.0' in behind


@pytest.mark.parametrize('stages', [('down', 'up'), ('mid',), ('up', 'mid')])
@pytest.mark.parametrize('max_size', [16, 64])
def test_captured_levels_are_those_of_the_maps(stages, max_size, inputs):
    unet = FeatureUNet.build(tiny.UNET)
    request = AttentionRequest(stages, max_size)
    maps = unet(*inputs, attention=request).attention_maps
    assert tuple(maps) == unet.captured_levels(request) == request.levels
    assert unet.captured_levels(None) == ()


@pytest.mark.parametrize('checkpointing', [False, True])
@pytest.mark.parametrize(
    'names',
    [
        ('down_blocks.1',),
        ('mid_block.attentions.0',),
        ('down_blocks.2.attentions.1.transformer_blocks.0.attn1.to_k',),
        ('up_blocks.1.attentions.0.transformer_blocks.0.attn2.map', 'down_blocks.3'),
    ],
    ids=lambda names: names[0],
)
def test_nothing_behind_the_last_layer_runs_or_trains(names, checkpointing, inputs):
    plain, ours = pair(tiny.UNET, names)
    if checkpointing:
        ours.enable_gradient_checkpointing()
    maps = ours(*inputs, 10).maps
    sum(each.square().sum() for each in maps).backward()
    unused = [name for name, each in ours.named_parameters() if each.grad is None]
    assert not unused
    assert tiny.count_parameters(ours) < tiny.count_parameters(plain)
    if 'down_blocks.1' in names:
        assert not list(ours.mid_block.parameters())


def test_maps_without_gradient_freeze_what_leads_to_them_alone(inputs):
    request = AttentionRequest(('up',), gradient=False)
    _, ours = pair(tiny.UNET, ['down_blocks.0'], request)
    for path in ours.untrained:
        ours.get_submodule(path).requires_grad_(False)
    features = ours(*inputs, 10, attention=request)
    assert sorted(features.attention_maps) == [1, 2]
    features.maps[0].sum().backward()
    assert not [
        name
        for name, each in ours.named_parameters()
        if each.requires_grad and each.grad is None
    ]


def test_a_prediction_is_whole_whatever_is_read(inputs):
    plain, ours = pair(tiny.UNET, ['down_blocks.0'], output_layer=True)
    expected = plain(inputs[0], 10, encoder_hidden_states=inputs[1]).sample
    actual = ours(*inputs, 10, predict=True).prediction
    torch.testing.assert_close(actual, expected, rtol=1e-5, atol=1e-5)
    calls = []
    ours.mid_block.resnets[0].register_forward_hook(lambda *_: calls.append(1))
    ours(*inputs, 10)
    assert not calls
