import pytest
import torch
from diffusers import UNet2DConditionModel

from diffmm.diffusion import AttentionRequest, FeatureUNet
from diffmm.diffusion.layer_attention import layer_attention_maps
from tests import tiny

LATENTS = torch.randn(1, 4, 16, 24, generator=torch.Generator().manual_seed(0))
CONTEXT = torch.randn(1, 5, tiny.WIDTH, generator=torch.Generator().manual_seed(1))
# Two layers a block down, one in the middle, three up.
LABELS = [
    *('down64.0', 'down64.1', 'down32.0', 'down32.1', 'down16.0', 'down16.1'),
    *('mid8.0', 'up16.0', 'up16.1', 'up16.2', 'up32.0', 'up32.1', 'up32.2'),
    *('up64.0', 'up64.1', 'up64.2'),
]


@pytest.fixture(scope='module')
def unet():
    torch.manual_seed(0)
    return FeatureUNet.build(tiny.UNET).eval()


def test_sixteen_layers_in_the_order_of_the_pass(unet):
    maps = layer_attention_maps(unet, LATENTS, CONTEXT)
    assert list(maps) == LABELS
    sides = {'64': (16, 24), '32': (8, 12), '16': (4, 6), '8': (2, 3)}
    for label, layer in maps.items():
        side = label.split('.')[0].lstrip('downmiup')
        assert layer.shape == (5, *sides[side])
        torch.testing.assert_close(layer.sum(0), torch.ones(sides[side]))


def test_their_means_are_the_maps_of_a_feature_pass(unet):
    """So no label is shifted: a pass averages the layers of its stages and sizes."""
    maps = layer_attention_maps(unet, LATENTS, CONTEXT)
    for stage in ('down', 'mid', 'up'):
        request = AttentionRequest(stages=(stage,), max_size=64)
        with torch.no_grad():
            passed = unet(LATENTS, CONTEXT, attention=request).attention_maps
        for level, expected in passed.items():
            layers = [
                layer
                for label, layer in maps.items()
                if label.startswith(f'{stage}{64 >> level}.')
            ]
            torch.testing.assert_close(torch.stack(layers).mean(0), expected[0])


def test_a_plain_unet_gives_the_same_and_keeps_no_hook(unet):
    plain = UNet2DConditionModel(**tiny.UNET).eval()
    plain.load_state_dict(unet.state_dict(), strict=False)
    ours, theirs = (layer_attention_maps(u, LATENTS, CONTEXT) for u in (unet, plain))
    for label in LABELS:
        torch.testing.assert_close(ours[label], theirs[label])
    assert not any(module._forward_pre_hooks for module in plain.modules())
