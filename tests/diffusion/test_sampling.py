import pytest
import torch

from diffmm.diffusion import (
    DDIMPath,
    DenoisingSampler,
    DiffusionObjective,
    build_schedule,
)


def objective(prediction_type='v_prediction', **settings):
    return DiffusionObjective(
        build_schedule(dict(prediction_type=prediction_type, **settings))
    )


def perfect(objective, clean):
    """A network that knows the answer, seen at every noise level."""

    def network(seen, timestep):
        alpha = objective.schedule.alphas_cumprod[timestep.long()]
        noise = (seen - alpha.sqrt() * clean) / (1 - alpha).sqrt()
        kind = objective.prediction_type
        if kind == 'sample':
            return clean.expand_as(seen)
        if kind == 'epsilon':
            return noise
        return alpha.sqrt() * noise - (1 - alpha).sqrt() * clean

    return network


@pytest.mark.parametrize('kind', ['epsilon', 'v_prediction', 'sample'])
@pytest.mark.parametrize(
    'scheduler',
    [
        'DDIMScheduler',
        'EulerDiscreteScheduler',
        'HeunDiscreteScheduler',
        'DPMSolverMultistepScheduler',
        'UniPCMultistepScheduler',
    ],
)
def test_any_scheduler_finds_the_clean_latents(scheduler, kind):
    """And hands out what the network predicts at every step, in the same scale."""
    clean = torch.linspace(-1, 1, 64).view(1, 1, 8, 8).repeat(1, 4, 1, 1)
    trained = objective(kind)
    sampler = DenoisingSampler(trained, scheduler, steps=5)
    steps = list(sampler(perfect(trained, clean), torch.randn(1, 4, 8, 8)))
    for step in steps:
        torch.testing.assert_close(step.clean, clean, rtol=0, atol=2e-2)
    torch.testing.assert_close(steps[-1].latents, clean, rtol=0, atol=0.1)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(scheduler='EulerAncestralDiscreteScheduler'), "predicts 'sample'"),
        (dict(scheduler='PNDMScheduler'), "predicts 'sample'"),
        (dict(scheduler='NoScheduler'), "has no scheduler 'NoScheduler'"),
        (dict(scheduler='UNet2DConditionModel'), 'has no scheduler'),
        (dict(steps=0), 'steps must be a whole number from 1 to 1000, got 0'),
        (dict(steps=2.5), 'steps must be a whole number from 1 to 1000, got 2.5'),
        (dict(steps=2000), 'steps must be a whole number from 1 to 1000, got 2000'),
        (dict(bogus=1), "DDIMScheduler has no setting 'bogus'; it has num_train"),
    ],
    ids=str,
)
def test_what_cannot_be_sampled(options, message):
    with pytest.raises(ValueError, match=message):
        DenoisingSampler(objective('sample'), **options)


@pytest.mark.parametrize('steps', [0, 1001, 2.0])
def test_a_call_checks_its_steps_as_the_sampler_does(steps):
    sampler = DenoisingSampler(objective('sample'), steps=2)
    with pytest.raises(ValueError, match=f'from 1 to 1000, got {steps}'):
        next(sampler(lambda latents, _: latents, torch.ones(1, 4, 1, 1), steps=steps))


def test_noise_on_a_schedule_that_ends_in_pure_noise():
    options = dict(rescale_betas_zero_snr=True, timestep_spacing='trailing')
    with pytest.raises(ValueError, match='not finite'):
        DenoisingSampler(objective('epsilon'), **options)
    DenoisingSampler(objective('v_prediction', **options))


def test_a_generator_makes_random_schedulers_repeat():
    sampler = DenoisingSampler(
        objective('epsilon'), 'EulerAncestralDiscreteScheduler', steps=3
    )
    results = []
    for seed in (0, 0, 1):
        generator = torch.Generator().manual_seed(seed)
        *_, last = sampler(lambda x, _: x / 2, torch.ones(1, 4, 8, 8), generator)
        results.append(last.latents)
    assert torch.equal(*results[:2]) and not torch.equal(*results[1:])


@pytest.mark.parametrize('kind', ['epsilon', 'v_prediction', 'sample'])
def test_a_path_of_even_steps_is_that_of_ddim(kind):
    trained = objective(kind)
    sampler = DenoisingSampler(trained, steps=4, timestep_spacing='trailing')
    noise = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    steps = list(sampler(lambda x, t: x / 3 + t / 5000, noise))
    path = DDIMPath(trained, [int(step.timestep) for step in steps])
    others = list(path(lambda x, t: x / 3 + t / 5000, noise))
    for one, other in zip(steps, others, strict=True):
        assert one.timestep == other.timestep
        torch.testing.assert_close(one.clean, other.clean, rtol=1e-4, atol=1e-4)
    assert torch.equal(others[-1].latents, others[-1].clean)


def test_a_path_with_steps_close_together():
    options = dict(rescale_betas_zero_snr=True, timestep_spacing='trailing')
    trained = objective('v_prediction', **options)
    clean = torch.linspace(-1, 1, 64).view(1, 1, 8, 8).repeat(1, 4, 1, 1)
    path = DDIMPath(trained, [999, 998, 990, 500, 0])
    for step in path(perfect(trained, clean), torch.randn(1, 4, 8, 8)):
        assert step.latents.isfinite().all()
        torch.testing.assert_close(step.clean, clean, rtol=0, atol=2e-2)
    with pytest.raises(ValueError, match=r'must fall.*got \[5, 10\]'):
        DDIMPath(trained, [5, 10])


def test_a_path_in_half_precision():
    path = DDIMPath(objective('v_prediction'), [999, 500, 1, 0])
    noise = torch.randn(1, 4, 8, 8).bfloat16()
    for step in path(lambda x, t: x / 3, noise):
        assert step.latents.dtype == torch.bfloat16 and step.latents.isfinite().all()
