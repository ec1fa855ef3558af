import pytest
import torch
from diffusers import AutoencoderKL

from diffmm.diffusion import ImageEncoder, image_encoder
from tests import tiny


@pytest.fixture
def plain():
    return AutoencoderKL(**tiny.VAE).eval()


@pytest.fixture
def encoder(plain):
    encoder = ImageEncoder.build(tiny.VAE)
    assert not encoder.load_state_dict(plain.state_dict(), strict=False).missing_keys
    return encoder


@pytest.fixture
def images():
    return tiny.image(64, 96, batch=2)


def test_latents_are_those_of_the_plain_vae(encoder, plain, images):
    latents = encoder(images)
    assert latents.shape == (2, 4, 8, 12)
    with torch.no_grad():
        expected = plain.encode(images).latent_dist.mode()
    torch.testing.assert_close(latents, expected, rtol=1e-5, atol=1e-6)


def test_sample_draws_from_the_posterior(encoder, plain, images):
    torch.manual_seed(3)
    sample = encoder(images, 'sample')
    assert not torch.allclose(sample, encoder(images), atol=1e-2)
    torch.manual_seed(3)
    with torch.no_grad():
        expected = plain.encode(images).latent_dist.sample()
    torch.testing.assert_close(sample, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('layout', [torch.contiguous_format, torch.channels_last])
def test_layout_of_the_latents_is_plain(encoder, images, layout):
    assert encoder(images.to(memory_format=layout)).is_contiguous()


def test_it_is_the_encoder_half_only(encoder):
    parts = {name.split('.')[0] for name, _ in encoder.named_parameters()}
    assert parts == {'encoder', 'quant_conv'}
    assert encoder.stride == 8


def test_it_is_frozen(encoder, images):
    assert not any(p.requires_grad for p in encoder.parameters())
    assert not encoder.training
    assert not encoder(images.requires_grad_()).requires_grad


def test_bfloat16_returns_the_dtype_of_the_images(encoder, images):
    expected = encoder(images)
    latents = encoder.bfloat16()(images)
    assert latents.dtype == torch.float32
    assert not torch.equal(latents, expected)
    assert (latents - expected).abs().max() < 0.05 * expected.abs().max()


def test_autocast_does_not_reach_it(encoder, images):
    expected = encoder(images)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        latents = encoder(images)
    assert torch.equal(latents, expected)


@pytest.mark.parametrize('keeps', [True, False])
def test_freed_memory_is_kept_where_time_counts(encoder, images, keeps, monkeypatch):
    calls = []
    monkeypatch.setattr(image_encoder, 'keep_freed_memory', lambda: calls.append(1))
    encoder.keeps_freed_memory = keeps
    encoder(images)
    assert len(calls) == keeps


def test_a_slow_precision_is_said(encoder, images, monkeypatch):
    asked = []
    monkeypatch.setattr(image_encoder, 'say_if_slow', asked.append)
    encoder(images)
    assert not asked
    encoder.set_encoder_dtype('bfloat16')
    encoder(images)
    assert asked == ['cpu']
