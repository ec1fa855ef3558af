"""Layers by name: what hooks on diffusers' own forward see, and nothing behind."""

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from diffmm.diffusion import FeatureUNet
from tests import tiny

LATENTS = (16, 24)
FLAT_LATENTS = (8, 40)  # of odd sides at the deepest level


def pair(config, layers, request=None, **options):
    """The plain UNet and ours that reads layers, with the same weights."""
    torch.manual_seed(0)
    plain = UNet2DConditionModel(**config)
    ours = FeatureUNet.build(config, **options)
    ours.read_layers(layers, request)
    assert not ours.load_state_dict(plain.state_dict(), strict=False).missing_keys
    return plain, ours


@pytest.fixture
def inputs():
    return torch.randn(2, 4, *LATENTS), torch.randn(2, 5, tiny.WIDTH)


class MapProcessor(AttnProcessor):
    """Diffusers' own attention, which keeps its probabilities."""

    def __init__(self, name, seen):
        super().__init__()
        self.name, self.seen = name, seen

    def __call__(self, attn, hidden_states, *args, **kwargs):
        original = attn.get_attention_scores

        def keep(*arguments):
            scores = original(*arguments)  # (B * heads, HW, N)
            self.seen[self.name] = scores.unflatten(0, (-1, attn.heads)).mean(1)
            return scores

        attn.get_attention_scores = keep
        try:
            return super().__call__(attn, hidden_states, *args, **kwargs)
        finally:
            attn.get_attention_scores = original


def hooked_outputs(plain, latents, context):
    """Outputs of every layer of a plain pass, as maps."""
    seen = {}
    modules = dict(plain.named_modules())
    layers = FeatureUNet.build(dict(plain.config)).list_layers()
    for layer in layers:
        name = layer.name
        if name.endswith('.map'):
            name = name.removesuffix('.map')
            processor = MapProcessor(layer.name, seen)
            modules[name].set_processor(processor)
        else:
            modules[name].register_forward_hook(
                lambda module, inputs, output, name=name: seen.update({name: output})
            )
    plain(latents, 10, encoder_hidden_states=context)
    for layer in layers:
        value = seen[layer.name]
        value = value[0] if isinstance(value, tuple) else value
        if value.ndim == 3:  # (B, HW, C)
            size = [side >> layer.level for side in latents.shape[-2:]]
            value = value.transpose(1, 2).unflatten(2, size)
        seen[layer.name] = value
    return seen


@pytest.mark.parametrize('size', [LATENTS, FLAT_LATENTS], ids=['high', 'flat'])
@pytest.mark.parametrize('config', [tiny.UNET, tiny.LINEAR_UNET], ids=['sd1', 'sd2'])
def test_every_layer_is_what_a_hook_sees(config, size, inputs):
    inputs = torch.randn(2, 4, *size), inputs[1]
    names = [layer.name for layer in FeatureUNet.build(config).list_layers()]
    assert len(names) == 143
    plain, ours = pair(config, names)
    with torch.no_grad():
        expected = hooked_outputs(plain, *inputs)
        maps = ours(*inputs, 10).maps
    for layer, actual in zip(ours.list_layers(), maps, strict=True):
        error = (actual - expected[layer.name]).abs().max()
        assert error <= 1e-5 * expected[layer.name].abs().max(), layer.name
        assert actual.shape[-2:] == tuple(side >> layer.level for side in size)
        if layer.channels is not None:
            assert actual.shape[1] == layer.channels


def test_an_unknown_layer_is_answered_with_the_layers_and_their_shapes():
    unet = FeatureUNet.build(tiny.UNET)
    with pytest.raises(ValueError) as caught:
        unet.read_layers(['up_blocks.1.attention.0'])
    message = str(caught.value)
    assert "no layer 'up_blocks.1.attention.0'. Did you mean" in message
    assert 'mid_block (32 channels, stride 64)' in message
    assert '.attn2.map (one channel per token, stride 16)' in message
    # Keys of cross-attention belong to words.
    with pytest.raises(ValueError, match='no layer'):
        unet.read_layers(['mid_block.attentions.0.transformer_blocks.0.attn2.to_k'])
