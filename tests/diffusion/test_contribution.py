import re

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler

from diffmm.diffusion import (
    add_floor,
    build_schedule,
    describe_weights,
    incremental_r2,
    schedule_weights,
    spread_over_timesteps,
)
from diffmm.diffusion.contribution import find_owners

ZERO_SNR = dict(rescale_betas_zero_snr=True)


def metric(samples=60, columns=4, seed=0):
    """A metric that every step brings closer to the final one."""
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randn(samples, columns, generator=generator, dtype=torch.float64)
    return (steps * torch.tensor([3.0, 1.0, 0.5, 0.1])[:columns]).cumsum(dim=1)


@pytest.mark.parametrize('reading', ['alpha_bar', 'alpha'])
@pytest.mark.parametrize('options', [{}, ZERO_SNR], ids=['plain', 'zero snr'])
def test_weights_by_the_schedule(reading, options):
    weights = schedule_weights(build_schedule(options), reading)
    assert weights.shape == (1000,) and weights.isfinite().all()
    assert weights.sum().item() == pytest.approx(1)
    assert (weights[1:] >= weights[:-1]).all() and weights[0] > 0
    # Without its limit, the end of a schedule with zero SNR would have nearly all.
    assert describe_weights(weights)['effective_timesteps'] > 150


def test_readings_differ():
    shares = [
        describe_weights(schedule_weights(build_schedule(), reading))
        for reading in ('alpha_bar', 'alpha')
    ]
    assert shares[0]['share_noisiest_fifth'] == pytest.approx(0.84, abs=0.01)
    assert shares[1]['share_noisiest_fifth'] == pytest.approx(0.39, abs=0.01)
    with pytest.raises(ValueError, match="reading must be .* got 'beta'"):
        schedule_weights(build_schedule(), 'beta')


def test_a_schedule_of_pure_noise_has_no_contributions():
    with pytest.raises(ValueError, match='every timestep .* pure noise'):
        schedule_weights(DDPMScheduler(trained_betas=[1.0] * 10))
    # Its own betas end so, and nothing was rescaled.
    with pytest.raises(ValueError, match=r'own betas end in pure noise \(.* is 1\)'):
        schedule_weights(DDPMScheduler(trained_betas=[0.1, 0.2, 1.0]))


@pytest.mark.parametrize('reading', ['alpha_bar', 'alpha'])
@pytest.mark.parametrize('zero_snr', [False, True])
@pytest.mark.parametrize('kind', ['linear', 'scaled_linear'])
@pytest.mark.parametrize('length', [10, 37, 1000])
def test_weights_of_other_schedules(reading, zero_snr, kind, length):
    """Of other lengths and betas, by hand in double precision."""
    ends = np.array([1e-4, 0.02])
    power = 1 if kind == 'linear' else 2
    betas = np.linspace(*ends ** (1 / power), length) ** power
    given = 1 - betas if reading == 'alpha' else np.cumprod(1 - betas)
    limit = 1 / given[-1] - 1
    if zero_snr:
        # Lin et al., 2024, algorithm 1.
        signal = np.sqrt(np.cumprod(1 - betas))
        signal = (signal - signal[-1]) * signal[0] / (signal[0] - signal[-1])
        given = signal**2
        if reading == 'alpha':
            given = given / np.append(1, given[:-1])
    ratios = limit * np.ones(length)
    ratios[given > 0] = np.minimum(1 / given[given > 0] - 1, limit)
    options = dict(
        num_train_timesteps=length,
        beta_schedule=kind,
        beta_start=ends[0],
        beta_end=ends[1],
        rescale_betas_zero_snr=zero_snr,
    )
    found = schedule_weights(build_schedule(options), reading)
    assert found.numpy() == pytest.approx(ratios / ratios.sum(), rel=1e-3, abs=1e-6)


def test_a_floor_keeps_every_timestep():
    weights = torch.zeros(100).index_fill(0, torch.arange(90, 100), 1.0)
    floored = add_floor(weights, 0.3)
    assert floored.sum().item() == pytest.approx(1)
    assert floored.min().item() == pytest.approx(0.003)
    assert torch.equal(add_floor(weights, 0), weights.double() / 10)
    for floor in (-0.1, 1.5, 'low', None):
        with pytest.raises(ValueError, match=rf'floor must lie .* got {floor!r}'):
            add_floor(weights, floor)


def test_spreading_keeps_the_mass_of_columns_that_lie_close_together():
    timesteps = (999, 980, 900, 600, 300)
    masses = torch.tensor([0.5, 0.2, 0.15, 0.1, 0.05])
    weights = spread_over_timesteps(masses, timesteps, 1000)
    assert weights.sum().item() == pytest.approx(1)
    ends = (1000, 981, 901, 601, 301, 0)
    for mass, end, begin in zip(masses, ends[:-1], ends[1:], strict=True):
        inside = weights[begin:end]
        assert inside.sum().item() == pytest.approx(mass.item())
        assert (inside == inside[0]).all()


def test_every_timestep_has_one_owner():
    for owns in ('below', 'above'):
        owner = find_owners((901, 601, 1), 1000, owns)
        assert owner.unique().tolist() == [0, 1, 2] and len(owner) == 1000
        assert (owner[1:] <= owner[:-1]).all()
        assert owner[[901, 601, 1]].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    'timesteps',
    [(), (10, 10), (10, 20), (1000, 10), (10, -1), (9.5, 3), ('a', 'b'), 9, [[9]]],
    ids=str,
)
def test_columns_that_do_not_fall_are_quoted(timesteps):
    message = f'must fall.* got {re.escape(repr(timesteps))}'
    with pytest.raises(ValueError, match=message):
        find_owners(timesteps, 1000)


def test_contributions_without_columns():
    with pytest.raises(ValueError, match='3 contributions for 2 timesteps'):
        spread_over_timesteps([1, 1, 1], (10, 5), 20)
    with pytest.raises(ValueError, match="owns must be .* got 'both'"):
        find_owners((10, 5), 20, 'both')


def test_increments_are_those_of_nested_regressions():
    values = metric()
    increments = incremental_r2(values)
    final = values[:, -1:]
    explained = []
    for count in range(1, 5):
        design = torch.cat([torch.ones(len(values), 1), values[:, :count]], dim=1)
        fit = design @ torch.linalg.lstsq(design, final).solution
        residual = (final - fit).square().sum()
        explained.append(1 - residual / (final - final.mean()).square().sum())
    expected = torch.stack(explained).diff(prepend=torch.zeros(1).double())
    torch.testing.assert_close(increments, expected, rtol=0, atol=1e-10)
    assert increments.sum().item() == pytest.approx(1)
    assert (increments >= 0).all()


def test_increments_ignore_units_constants_and_repetitions():
    values = metric()
    plain = incremental_r2(values)
    scaled = values * torch.tensor([1e3, 1e-3, 7.0, -2.0]) + 5
    torch.testing.assert_close(incremental_r2(scaled), plain)
    padded = torch.stack(
        [values[:, 0], values[:, 0] * 2 + 1, torch.full((60,), 0.3), *values.T[1:]], 1
    )
    expected = torch.cat([plain[:1], torch.zeros(2), plain[1:]])
    torch.testing.assert_close(incremental_r2(padded), expected)
    assert not torch.allclose(incremental_r2(values.flip(1), values[:, -1]), plain)


def test_samples_without_a_metric_are_left_out():
    values = metric()
    values[3, 1] = float('nan')
    kept = torch.cat([values[:3], values[4:]])
    assert torch.equal(incremental_r2(values), incremental_r2(kept))


@pytest.mark.parametrize('dtype', [torch.float64, torch.float32, torch.float16])
@pytest.mark.parametrize('count', [1, 2, 5])
def test_increments_of_other_numbers_of_checkpoints(dtype, count):
    generator = torch.Generator().manual_seed(count)
    values = torch.randn(80, count, generator=generator).to(dtype).cumsum(1)
    final = torch.randn(80, generator=generator).to(dtype)
    explained = []
    for columns in range(1, count + 1):
        design = np.c_[np.ones(80), values[:, :columns].double()]
        fit = design @ np.linalg.lstsq(design, final.double().numpy(), rcond=None)[0]
        explained.append((fit.std() / final.double().numpy().std()) ** 2)
    expected = np.diff(explained, prepend=0)
    found = incremental_r2(values, final)
    assert found.numpy() == pytest.approx(expected, abs=1e-9)
    lists = incremental_r2(values.tolist(), final.numpy())
    assert torch.equal(lists, found)


@pytest.mark.parametrize(
    ('values', 'final', 'message'),
    [
        (torch.rand(50), None, r'a row for each sample .* got shape \(50,\)'),
        (torch.rand(50, 0), None, r'a column for each step, got shape \(50, 0\)'),
        (metric(), torch.rand(59), r'each of 60 samples, got shape \(59,\)'),
        (metric(), torch.rand(60, 1), r'each of 60 samples, got shape \(60, 1\)'),
    ],
)
def test_metrics_of_another_shape(values, final, message):
    with pytest.raises(ValueError, match=message):
        incremental_r2(values, final)


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        (metric(39), r'39 samples .* for 4 columns \(t = 9, 8, 7, 6\).* at least 40'),
        (torch.full((60, 4), float('nan')), r'0 samples .*\(60 were measured\)'),
        (torch.ones(60, 4), 'the final metric is 1 for all 60 samples'),
    ],
    ids=['few', 'nan', 'constant'],
)
def test_statistics_that_say_nothing_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        incremental_r2(values, timesteps=(9, 8, 7, 6))
