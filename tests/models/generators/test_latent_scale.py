import pytest
import torch
from diffusers import AutoencoderKL

from diffmm.models.generators.latent_scale import rescale_latents
from tests import tiny


def test_latents_get_the_scale_and_images_stay():
    torch.manual_seed(0)
    vae = AutoencoderKL(**tiny.VAE).eval()
    images = tiny.image(64, 64, 4)
    with torch.no_grad():
        before = vae.encode(images).latent_dist
        decoded = vae.decode(before.mean).sample
        rescale_latents(vae, before.mean.std().item())
        after = vae.encode(images).latent_dist
        again = vae.decode(after.mean).sample
    factor = 1 / (0.18215 * before.mean.std())
    assert (after.mean.std() * 0.18215).item() == pytest.approx(1, rel=1e-4)
    torch.testing.assert_close(after.mean, before.mean * factor)
    torch.testing.assert_close(after.std, before.std * factor)
    torch.testing.assert_close(again, decoded, rtol=1e-4, atol=1e-5)


def test_a_collapsed_first_stage_is_refused():
    with pytest.raises(ValueError, match='must be positive, got 0.0'):
        rescale_latents(AutoencoderKL(**tiny.VAE), 0.0)
