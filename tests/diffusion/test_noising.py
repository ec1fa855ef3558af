import pytest
import torch

from diffmm.diffusion import build_noising, build_schedule


def test_inversion_is_undone_by_ddim():
    """With a prediction that depends on nothing but the noise itself."""
    clean, noise = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    inversion = build_noising(dict(type='ddim_inversion', steps=3))
    asked = []

    def predict(latents, timestep):
        asked.append(timestep)
        return noise

    latents = inversion(clean, 300, [], predict)
    assert asked == [0, 100, 200]
    alphas = build_schedule().alphas_cumprod
    start = (clean - (1 - alphas[0]).sqrt() * noise) / alphas[0].sqrt()
    expected = alphas[300].sqrt() * start + (1 - alphas[300]).sqrt() * noise
    torch.testing.assert_close(latents, expected, rtol=1e-4, atol=1e-4)


def test_steps_of_no_length_are_not_made():
    clean, asked = torch.randn(1, 4, 8, 8), []
    inversion = build_noising(dict(type='ddim_inversion', steps=10))

    def predict(latents, timestep):
        asked.append(timestep)
        return torch.zeros_like(latents)

    inversion(clean, 3, [], predict)
    assert asked == [0, 1, 2]
    assert torch.equal(inversion(clean, 0, [], predict), clean) and len(asked) == 3


def test_noise_belongs_to_its_seed():
    noising = build_noising('ddpm')
    clean = torch.zeros(3, 4, 8, 8)
    together = noising(clean, 200, [5, 6, 7])
    assert torch.equal(noising(clean[:1], 200, [6])[0], together[1])
    assert not torch.equal(together[0], together[1])
    alpha = build_schedule().alphas_cumprod[200]
    assert together.std().item() == pytest.approx((1 - alpha).sqrt().item(), rel=0.1)
    later = noising(clean, 400, [5, 6, 7])
    assert (
        torch.corrcoef(torch.stack([later.flatten(), together.flatten()]))[0, 1] > 0.99
    )


def test_half_precision_latents_get_the_noise_of_small_timesteps():
    noising = build_noising('ddpm')
    clean = torch.zeros(1, 4, 8, 8)
    seen = noising(clean.bfloat16(), 0, [5])
    scale = (1 - build_schedule().alphas_cumprod[0]).sqrt().item()
    assert seen.dtype == torch.bfloat16
    assert seen.float().std().item() == pytest.approx(scale, rel=0.2)


@pytest.mark.parametrize(
    'config', ['ddim', dict(type='ddpm', steps=2), dict(type='ddim_inversion', step=1)]
)
def test_unknown_noise_is_quoted(config):
    with pytest.raises(ValueError, match="noise must be None, 'ddpm' or .*got"):
        build_noising(config)
    with pytest.raises(ValueError, match='at least 1 step, got 0'):
        build_noising(dict(type='ddim_inversion', steps=0))
