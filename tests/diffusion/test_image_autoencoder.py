from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL

from diffmm.diffusion import ImageAutoencoder
from tests import tiny

SCALE = 0.18215


@pytest.fixture(scope='module')
def plain():
    torch.manual_seed(0)
    return AutoencoderKL(**tiny.VAE).eval()


@pytest.fixture
def vae(plain):
    vae = ImageAutoencoder.build(tiny.VAE)
    vae.load_state_dict(plain.state_dict())
    return vae


@pytest.fixture
def latents():
    return torch.randn(2, 4, 8, 12, generator=torch.Generator().manual_seed(1)) * SCALE


def test_pictures_are_those_of_the_plain_vae(vae, plain, latents):
    pictures = vae.draw(latents)
    assert pictures.shape == (2, 3, 64, 96)
    with torch.no_grad():
        expected = plain.decode(latents / SCALE).sample
    torch.testing.assert_close(pictures, expected, rtol=1e-5, atol=1e-5)


def test_it_is_frozen_and_a_gradient_flows_through_it(vae, latents):
    assert not any(p.requires_grad for p in vae.parameters()) and not vae.training
    vae.draw(latents.requires_grad_()).sum().backward()
    assert latents.grad.abs().max() > 0


def test_the_precision_of_the_decoder_is_its_own(vae, plain, latents):
    expected = vae.draw(latents)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert torch.equal(vae.draw(latents), expected)
    half = ImageAutoencoder.build(tiny.VAE, decoder_dtype='bfloat16')
    half.load_state_dict(plain.state_dict())
    assert half.encoder.conv_in.weight.dtype == torch.float32
    pictures = half.draw(latents)
    assert pictures.dtype == torch.float32
    difference = (pictures - expected).abs().max()
    assert 0 < difference < 0.1 * expected.abs().max()
    with pytest.raises(ValueError, match="decoder_dtype must be .* got 'float8'"):
        ImageAutoencoder.build(tiny.VAE, decoder_dtype='float8')
