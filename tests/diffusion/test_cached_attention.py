from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor2_0

from diffmm.diffusion.cached_attention import CachedTextAttention
from tests import tiny


@pytest.fixture(scope='module')
def unet():
    torch.manual_seed(0)
    return UNet2DConditionModel(**tiny.UNET | dict(in_channels=8)).eval()


@pytest.fixture(scope='module')
def inputs():
    torch.manual_seed(1)
    visible = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    return dict(
        sample=torch.randn(2, 8, 8, 8),
        timestep=torch.tensor(3),
        encoder_hidden_states=torch.randn(2, 5, tiny.WIDTH),
        encoder_attention_mask=visible,
    )


@torch.no_grad()
def test_it_is_the_attention_of_diffusers(unet, inputs):
    unet.set_attn_processor(AttnProcessor2_0())
    expected = unet(**inputs).sample
    unet.set_attn_processor(CachedTextAttention())
    torch.testing.assert_close(unet(**inputs).sample, expected, rtol=0, atol=1e-5)
    # What is masked has no influence.
    changed = inputs['encoder_hidden_states'].clone()
    changed[1, 3:] += 1
    found = unet(**inputs | dict(encoder_hidden_states=changed)).sample
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@torch.no_grad()
def test_keys_and_values_are_computed_once(unet, inputs):
    unet.set_attn_processor(CachedTextAttention())
    expected = unet(**inputs).sample
    calls = []
    hooks = [
        module.register_forward_hook(lambda *_: calls.append(1))
        for name, module in unet.named_modules()
        if name.endswith(('attn2.to_k', 'attn2.to_v'))
    ]
    cache = {}
    for _ in range(3):
        found = unet(**inputs, cross_attention_kwargs=dict(text_cache=cache)).sample
        assert torch.equal(found, expected)
    for hook in hooks:
        hook.remove()
    assert len(calls) == len(hooks) == 2 * len(cache)
