import pytest
import torch

from diffmm.diffusion import FavoredTimesteps, UniformTimesteps

SAMPLERS = [UniformTimesteps(), FavoredTimesteps(0.5, (20, 40))]


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize('sampler', SAMPLERS, ids=['uniform', 'favored'])
def test_every_timestep_and_no_other_is_drawn(sampler):
    steps = sampler(20000, 100, seeded(0))
    assert steps.shape == (20000,) and steps.dtype == torch.int64
    assert set(steps.tolist()) == set(range(100))


def test_uniform():
    counts = UniformTimesteps()(100000, 10, seeded(0)).bincount()
    assert counts.max() / counts.min() < 1.1


@pytest.mark.parametrize('share', [0.0, 0.25, 1.0])
def test_share_of_the_favored_range(share):
    steps = FavoredTimesteps(share, (20, 40))(40000, 100, seeded(0))
    inside = ((steps >= 20) & (steps < 40)).float().mean().item()
    assert inside == pytest.approx(share + (1 - share) * 0.2, abs=0.01)


@pytest.mark.parametrize('sampler', SAMPLERS, ids=['uniform', 'favored'])
def test_own_generators_make_samples_independent_of_their_batch(sampler):
    together = sampler(3, 1000, [seeded(4), seeded(5), seeded(6)])
    alone = [sampler(1, 1000, [seeded(seed)]) for seed in (4, 5, 6)]
    assert torch.equal(together, torch.cat(alone))


def test_default_generator():
    torch.manual_seed(3)
    expected = torch.randint(1000, (5,))
    torch.manual_seed(3)
    assert torch.equal(UniformTimesteps()(5, 1000), expected)


def test_wrong_number_of_generators():
    with pytest.raises(ValueError, match='each of 3 samples, got 2'):
        UniformTimesteps()(3, 1000, [seeded(0), seeded(1)])


@pytest.mark.parametrize(
    ('share', 'favored', 'message'),
    [
        (1.5, (0, 10), r'share must lie in \[0, 1\], got 1.5'),
        (0.5, (10, 10), r'got \(10, 10\)'),
        (0.5, (-1, 10), r'got \(-1, 10\)'),
    ],
)
def test_wrong_settings_are_quoted(share, favored, message):
    with pytest.raises(ValueError, match=message):
        FavoredTimesteps(share, favored)


def test_a_range_beyond_the_schedule():
    sampler = FavoredTimesteps(0.5, (80, 700))
    with pytest.raises(ValueError, match=r'\(80, 700\) reaches beyond.* 500 timesteps'):
        sampler(4, 500)


def test_uniform_in_a_range():
    steps = UniformTimesteps(20, 40)(5000, 100, seeded(0))
    assert set(steps.tolist()) == set(range(20, 40))
    assert UniformTimesteps(99, 100)(3, 100).tolist() == [99] * 3
    for begin, end in ((-1, 5), (5, 5)):
        with pytest.raises(ValueError, match=f'got begin={begin}, end={end}'):
            UniformTimesteps(begin, end)
    with pytest.raises(ValueError, match='from 20 to 149 reach beyond .* 100'):
        UniformTimesteps(20, 150)(3, 100)
