import pytest
import torch

from diffmm.diffusion import MultiResolutionNoise


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def test_a_sample_has_its_own_noise_in_any_batch():
    """Up to the scale, which is the batch's."""
    noise, latents = MultiResolutionNoise(), torch.zeros(3, 4, 12, 16)
    timesteps = torch.tensor([100, 900, 500])
    whole = noise(latents, timesteps, generators(1, 2, 3))
    part = noise(latents[1:2], timesteps[1:2], generators(2))
    ratio = whole[1] / part[0]
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio))
    assert whole.std().item() == pytest.approx(1, abs=1e-5)
    assert part.std().item() == pytest.approx(1, abs=1e-5)


def test_late_timesteps_have_white_noise_and_early_ones_have_not():
    noise, latents = MultiResolutionNoise(), torch.zeros(1, 4, 60, 80)
    for timestep, smooth in ((0, False), (999, True)):
        drawn = noise(latents, torch.tensor([timestep]), generators(0))
        neighbors = (drawn[..., 1:] * drawn[..., :-1]).mean() / drawn.square().mean()
        assert (neighbors > 0.1) == smooth


def test_a_strength_out_of_range():
    with pytest.raises(ValueError, match='got 1.5'):
        MultiResolutionNoise(strength=1.5)
