"""The shared objective against diffusers' own functions and hand computations."""

import copy

import pytest
import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler, DDPMScheduler

from diffmm.diffusion import (
    PREDICTION_TYPES,
    DiffusionObjective,
    NoisyLatents,
    UniformTimesteps,
    build_schedule,
)

SHAPE = (4, 4, 6, 8)
STEPS = torch.tensor([0, 80, 500, 998])


def seeded(seed):
    return torch.Generator().manual_seed(seed)


CLEAN, NOISE, CORRUPTED, PREDICTED = (
    torch.randn(SHAPE, generator=seeded(seed)) for seed in range(4)
)


def build(prediction_type='epsilon', weighting=None, **schedule):
    schedule = build_schedule(dict(prediction_type=prediction_type, **schedule))
    return DiffusionObjective(schedule, weighting=weighting)


def by_hand(zero_snr=False):
    """Factors of Stable Diffusion's schedule in double precision, (B, 1, 1, 1)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    signal = (1 - betas).cumprod(0).sqrt()
    if zero_snr:
        # Lin et al., 2024, algorithm 1.
        signal = (signal - signal[-1]) * signal[0] / (signal[0] - signal[-1])
    alphas = signal[STEPS].square().view(-1, 1, 1, 1)
    return alphas.sqrt(), (1 - alphas).sqrt()


def close(actual, expected):
    torch.testing.assert_close(actual, expected.float(), rtol=1e-4, atol=1e-5)


def target_by_hand(prediction_type, signal, scale, seen):
    """What leads from the latents that the network sees to the clean ones."""
    noise = (seen - signal * CLEAN) / scale
    return dict(
        epsilon=noise, v_prediction=signal * noise - scale * CLEAN, sample=CLEAN
    )[prediction_type]


@pytest.mark.parametrize('prediction_type', PREDICTION_TYPES)
def test_inputs_and_targets_are_those_of_diffusers(prediction_type):
    objective = build(prediction_type)
    noisy = objective.add_noise(CLEAN, timesteps=STEPS, noise=NOISE)
    schedule = DDPMScheduler(
        beta_schedule='scaled_linear', beta_start=0.00085, beta_end=0.012
    )
    targets = dict(
        epsilon=NOISE,
        v_prediction=schedule.get_velocity(CLEAN, NOISE, STEPS),
        sample=CLEAN,
    )
    assert torch.equal(noisy.latents, schedule.add_noise(CLEAN, NOISE, STEPS))
    assert torch.equal(noisy.timesteps, STEPS)
    assert torch.equal(noisy.target, targets[prediction_type])
    assert noisy.weights is None


@pytest.mark.parametrize(
    ('prediction_type', 'zero_snr'),
    [
        ('epsilon', False),
        ('v_prediction', False),
        ('v_prediction', True),
        ('sample', False),
        ('sample', True),
    ],
)
def test_inputs_and_targets_by_hand(prediction_type, zero_snr):
    objective = build(prediction_type, rescale_betas_zero_snr=zero_snr)
    noisy = objective.add_noise(CLEAN, timesteps=STEPS, noise=NOISE)
    signal, scale = by_hand(zero_snr)
    seen = signal * CLEAN + scale * NOISE
    close(noisy.latents, seen)
    close(noisy.target, target_by_hand(prediction_type, signal, scale, seen))


@pytest.mark.parametrize('prediction_type', PREDICTION_TYPES)
def test_corrupted_input_with_clean_supervision(prediction_type):
    """ADDP, section 3.2: only what the network sees is corrupted."""
    objective = build(prediction_type)
    noisy = objective.add_noise(CLEAN, CORRUPTED, STEPS, NOISE)
    signal, scale = by_hand()
    seen = signal * CORRUPTED + scale * NOISE
    close(noisy.latents, seen)
    target = target_by_hand(prediction_type, signal, scale, seen)
    # The weight of the corruption in the noise reaches 34 at timestep 0.
    torch.testing.assert_close(noisy.target, target.float(), rtol=1e-3, atol=1e-3)
    if prediction_type != 'sample':
        naive = objective.add_noise(CORRUPTED, timesteps=STEPS, noise=NOISE)
        assert (noisy.target - naive.target).abs().max() > 0.5


@pytest.mark.parametrize('corrupted', [None, CORRUPTED])
@pytest.mark.parametrize('prediction_type', PREDICTION_TYPES)
def test_a_right_prediction_leads_back_to_the_clean_latents(prediction_type, corrupted):
    objective = build(prediction_type)
    noisy = objective.add_noise(CLEAN, corrupted, STEPS, NOISE)
    clean = objective.recover_clean(noisy.target, noisy.latents, noisy.timesteps)
    torch.testing.assert_close(clean, CLEAN, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize('prediction_type', PREDICTION_TYPES)
def test_recovered_latents_are_those_of_diffusers(prediction_type):
    objective = build(prediction_type)
    scheduler = DDIMScheduler.from_config(objective.schedule.config)
    scheduler.set_timesteps(1000)
    clean = objective.recover_clean(PREDICTED, CLEAN, STEPS)
    for row, step in enumerate(STEPS):
        pair = PREDICTED[row], step, CLEAN[row]
        expected = scheduler.step(*pair).pred_original_sample
        torch.testing.assert_close(clean[row], expected)


def test_pure_noise_is_recovered_from_a_velocity():
    objective = build('v_prediction', rescale_betas_zero_snr=True)
    last = torch.full((4,), 999)
    noisy = objective.add_noise(CLEAN, timesteps=last, noise=NOISE)
    assert torch.equal(noisy.latents, NOISE)
    assert torch.equal(noisy.target, -CLEAN)
    clean = objective.recover_clean(noisy.target, noisy.latents, last)
    assert torch.equal(clean, CLEAN)


def test_noise_cannot_be_predicted_where_nothing_else_is_left():
    with pytest.raises(ValueError, match='alphas_cumprod is 0.*rescale_betas_zero_snr'):
        build('epsilon', rescale_betas_zero_snr=True)


def test_unknown_prediction_type():
    with pytest.raises(ValueError, match="'sample'.*got 'noise'"):
        build('noise')


def test_loss_is_the_mean_squared_error_to_the_bit():
    objective = build()
    torch.manual_seed(0)
    noisy = objective.add_noise(CLEAN)
    predicted = PREDICTED.clone().requires_grad_()
    loss = objective.loss(predicted, noisy)
    loss.backward()
    other = PREDICTED.clone().requires_grad_()
    expected = F.mse_loss(other, noisy.target)
    expected.backward()
    assert torch.equal(loss, expected) and torch.equal(predicted.grad, other.grad)
    # The order of the draws: timesteps, noise.
    torch.manual_seed(0)
    assert torch.equal(noisy.timesteps, torch.randint(1000, (4,)))
    assert torch.equal(noisy.target, torch.randn_like(CLEAN))


def test_weights_by_timestep():
    table = torch.linspace(0, 1, 1000)
    objective = build(weighting=lambda timesteps: table[timesteps])
    noisy = objective.add_noise(CLEAN, timesteps=STEPS, noise=NOISE)
    errors = (PREDICTED - NOISE).square()
    torch.testing.assert_close(objective.errors(PREDICTED, noisy), errors)
    expected = (errors.mean(dim=(1, 2, 3)) * table[STEPS]).mean()
    torch.testing.assert_close(objective.loss(PREDICTED, noisy), expected)
    # Equal weights change nothing.
    plain = build().add_noise(CLEAN, timesteps=STEPS, noise=NOISE)
    objective.weighting = torch.ones_like
    same = objective.add_noise(CLEAN, timesteps=STEPS, noise=NOISE)
    assert torch.equal(
        objective.loss(PREDICTED, same), objective.loss(PREDICTED, plain)
    )


def test_own_generators_make_samples_independent_of_their_batch():
    objective = build()
    together = objective.add_noise(CLEAN, generator=[seeded(i) for i in range(4)])
    for row in range(4):
        alone = objective.add_noise(CLEAN[row : row + 1], generator=[seeded(row)])
        assert torch.equal(together.timesteps[row : row + 1], alone.timesteps)
        assert torch.equal(together.target[row : row + 1], alone.target)
        assert torch.equal(together.latents[row : row + 1], alone.latents)


def test_parts_are_exchanged_by_assignment():
    objective = build()

    class Last(UniformTimesteps):
        def draw(self, count, num_timesteps, generator):
            return torch.full((count,), num_timesteps - 1)

    def no_noise(latents, timesteps, generator=None):
        return torch.zeros_like(latents)

    objective.timesteps, objective.noise = Last(), no_noise
    noisy = objective.add_noise(CLEAN)
    assert noisy.timesteps.tolist() == [999] * 4
    assert not noisy.target.any()


def test_half_precision_latents_keep_their_dtype():
    noisy = build('v_prediction').add_noise(CLEAN.bfloat16(), CORRUPTED.bfloat16())
    assert noisy.latents.dtype == noisy.target.dtype == torch.bfloat16
    objective = build('v_prediction')
    assert objective.loss(PREDICTED.bfloat16(), noisy).dtype == torch.float32
    clean = objective.recover_clean(noisy.target, noisy.latents, noisy.timesteps)
    assert clean.dtype == torch.bfloat16


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('prediction_type', PREDICTION_TYPES)
def test_half_precision_latents_have_finite_targets(prediction_type, dtype):
    """There 1 - alpha-bar of the first timesteps is 0."""
    objective = build(prediction_type)
    halves = [each.to(dtype) for each in (CLEAN, CORRUPTED, NOISE)]
    clean, corrupted, noise = (each.float() for each in halves)
    steps = torch.tensor([0, 1, 5, 998])
    found = objective.add_noise(halves[0], halves[1], steps, halves[2])
    expected = objective.add_noise(clean, corrupted, steps, noise)
    for one, other in zip(found[::2], expected[::2], strict=True):
        assert one.dtype == dtype
        torch.testing.assert_close(one, other.to(dtype))
    recovered = objective.recover_clean(found.target, found.latents, steps)
    single = objective.recover_clean(found.target.float(), found.latents.float(), steps)
    torch.testing.assert_close(recovered, single.to(dtype))


def test_copies_are_independent():
    objective = build()
    other = copy.deepcopy(objective)
    other.timesteps = None
    assert objective.timesteps is not None


def test_settings_that_a_schedule_lacks():
    with pytest.raises(TypeError, match='beta_begin'):
        build(beta_begin=0.1)


@pytest.mark.parametrize('corrupted', [None, CORRUPTED], ids=['clean', 'corrupted'])
@pytest.mark.parametrize('prediction_type', PREDICTION_TYPES)
def test_errors_in_the_space_of_clean_samples(prediction_type, corrupted):
    """They are those of the latents that a prediction means."""
    objective = build(prediction_type)
    objective.loss_space = 'sample'
    noisy = objective.add_noise(CLEAN, corrupted, STEPS, NOISE)
    found = objective.recover_clean(PREDICTED, noisy.latents, STEPS)
    errors = objective.errors(PREDICTED, noisy)
    torch.testing.assert_close(errors, (found - CLEAN).square(), rtol=1e-3, atol=1e-5)
    naive = objective.add_noise(CORRUPTED, None, STEPS, NOISE)
    if corrupted is not None:
        assert not torch.allclose(objective.errors(PREDICTED, naive), errors, rtol=0.1)


def test_the_space_of_the_loss_weighs_timesteps():
    """With predicted noise exactly as the contributions of the schedule do."""
    losses = []
    for space in ('prediction', 'sample'):
        objective = build()
        objective.loss_space = space
        noisy = objective.add_noise(CLEAN, timesteps=STEPS, noise=NOISE)
        losses.append(objective.errors(PREDICTED, noisy).mean(dim=(1, 2, 3)))
    alphas = build().schedule.alphas_cumprod[STEPS]
    torch.testing.assert_close(losses[1] / losses[0], (1 - alphas) / alphas)
    with pytest.raises(ValueError, match="loss_space must be .* got 'latents'"):
        DiffusionObjective(loss_space='latents')


def test_timesteps_that_are_drawn_first_leave_the_noise_as_it_is():
    objective = build()
    whole = objective.add_noise(CLEAN, generator=[seeded(i) for i in range(4)])
    generators = [seeded(i) for i in range(4)]
    timesteps = objective.draw_timesteps(4, generators)
    parts = objective.add_noise(CLEAN, None, timesteps, generator=generators)
    assert torch.equal(whole.timesteps, parts.timesteps)
    assert torch.equal(whole.latents, parts.latents)


MODULE = 'diffmm.diffusion.objective'


def masked_batch():
    objective = DiffusionObjective()
    generator = torch.Generator().manual_seed(0)
    clean = torch.randn(4, 4, 6, 6, generator=generator)
    predicted = torch.randn(4, 4, 6, 6, generator=generator)
    # Every sample has another number of valid values.
    shares = torch.tensor([0.1, 0.9, 0.5, 0.7]).view(-1, 1, 1, 1)
    valid = torch.rand(4, 1, 6, 6, generator=generator) < shares
    return objective, objective.add_noise(clean), predicted, valid


def rows(noisy, start, end):
    parts = (None if part is None else part[start:end] for part in noisy)
    return NoisyLatents(*parts)


def test_a_masked_loss_is_the_mean_over_valid_values():
    objective, noisy, predicted, valid = masked_batch()
    errors = objective.errors(predicted, noisy)[valid.expand(-1, 4, -1, -1)]
    loss = objective.loss(predicted, noisy, valid)
    torch.testing.assert_close(loss, errors.mean())
    predicted.requires_grad_(True)
    empty = objective.loss(predicted, noisy, torch.zeros_like(valid))
    empty.backward()
    assert empty == 0 and not predicted.grad.any()


def test_processes_with_other_numbers_of_valid_values_make_one_mean(monkeypatch):
    objective, noisy, predicted, valid = masked_batch()
    whole = objective.loss(predicted, noisy, valid)
    total = 4 * valid.sum()
    monkeypatch.setattr(f'{MODULE}.sum_over_processes', lambda _: total)
    monkeypatch.setattr(f'{MODULE}.process_count', lambda: 2)
    parts = [
        objective.loss(predicted[a:b], rows(noisy, a, b), valid[a:b])
        for a, b in ((0, 2), (2, 4))
    ]
    torch.testing.assert_close(sum(parts) / 2, whole)
