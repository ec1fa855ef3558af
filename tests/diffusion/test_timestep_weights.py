import pytest
import torch

from diffmm.diffusion import TimestepLossWeights, UniformTimesteps, WeightedTimesteps
from diffmm.diffusion.timestep_weights import read_weights

WEIGHTS = torch.arange(10.0)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_weights_as_probabilities():
    steps = WeightedTimesteps(WEIGHTS)(90000, 10, seeded(0))
    shares = steps.bincount(minlength=10) / 90000
    torch.testing.assert_close(shares, WEIGHTS / 45, rtol=0, atol=0.005)
    assert shares[0] == 0


@pytest.mark.parametrize('value', [1.0, 0.3, 1 / 1000])
def test_equal_weights_change_nothing_to_the_bit(value):
    weights = [value] * 1000
    drawn = WeightedTimesteps(weights)(50, 1000, seeded(1))
    assert torch.equal(drawn, UniformTimesteps()(50, 1000, seeded(1)))
    factors = TimestepLossWeights(weights)(torch.arange(1000))
    assert torch.equal(factors, torch.ones(1000))


def test_weights_of_the_loss():
    weighting = TimestepLossWeights(WEIGHTS * 3)
    factors = weighting(torch.arange(10))
    torch.testing.assert_close(factors, WEIGHTS / 4.5)
    assert factors.mean().item() == pytest.approx(1)
    with pytest.raises(ValueError, match='10 timesteps, and none for timestep 12'):
        weighting(torch.tensor([1, 12]))


@pytest.mark.parametrize(
    ('weights', 'message'),
    [
        ([0.0, 0.0], 'weights of all 2 timesteps are 0'),
        ([1.0, -2.0], 'got -2.0 at timestep 1'),
        ([1.0, float('nan')], 'got nan at timestep 1, .* 1 that are not finite'),
        ([1.0, 'b'], r"one for each, got \[1.0, 'b'\]"),
        (['a'], r"one for each, got \['a'\]"),
        (5, r'got 5 of shape \(\)'),
        ([1e308] * 10, r'too large to be added up, got up to 1e\+308'),
        ([], r'shape \(0,\)'),
        ([[1.0]], r'shape \(1, 1\)'),
    ],
)
@pytest.mark.parametrize('kind', [WeightedTimesteps, TimestepLossWeights])
def test_weights_that_are_none(kind, weights, message):
    with pytest.raises(ValueError, match=message):
        kind(weights)


def test_weights_of_another_schedule():
    with pytest.raises(ValueError, match='10 weights for a schedule of 1000'):
        WeightedTimesteps(WEIGHTS)(3, 1000)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{"weights": [1, 2, 3]}', 'w.json: there are 3 weights for a schedule of 2'),
        ('{"weights": [1, NaN]}', 'w.json: weights .* got nan at timestep 1'),
        ('{"weights": [1, -1]}', 'w.json: .* got -1.0 at timestep 1'),
        ('{"weights": [0, 0]}', 'w.json: .* of all 2 timesteps are 0'),
        ('{"weights": []}', r'w.json: .* got \[\] of shape \(0,\)'),
        ('{"weights": [null, 1]}', r'w.json: .* got \[None, 1\]'),
        ('{"weights": "abc"}', "w.json: .* got 'abc'"),
        ('[1, 2]', 'w.json is no file of tools/analysis_tools/timestep_contribution'),
        ('{', 'w.json is no file of tools/analysis_tools/timestep_contribution'),
    ],
    ids=str,
)
def test_files_of_weights_that_are_refused(text, message, tmp_path):
    path = tmp_path / 'w.json'
    path.write_text('{"weights": [1, 3]}')
    assert read_weights(path, 2).tolist() == [0.25, 0.75]
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_weights(path, 2)
