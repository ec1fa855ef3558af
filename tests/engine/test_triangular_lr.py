import pytest
import torch
from mmengine.registry import PARAM_SCHEDULERS

import diffmm  # noqa: F401

HIGH, LOW = 5e-4, 3e-5


def make_optimizer(*rates):
    groups = [
        dict(params=[torch.nn.Parameter(torch.zeros(1))], lr=rate) for rate in rates
    ]
    return torch.optim.AdamW(groups)


def learning_rates(steps, rates=(HIGH,), **options):
    """Learning rate of every group at every step, as the Runner would see it."""
    optimizer = make_optimizer(*rates)
    config = dict(type='TriangularLR', **options)
    scheduler = PARAM_SCHEDULERS.build(config, default_args=dict(optimizer=optimizer))
    values = []
    for _ in range(steps):
        values.append([group['lr'] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return values


def released(step, length, epochs):
    """VPD's law, written out: ``step`` counts from 1, ``length`` is of an epoch."""
    half = length * (epochs // 2)
    if step < half:
        return LOW + (HIGH - LOW) * (step / half) ** 0.9
    return max(LOW, HIGH - (HIGH - LOW) * (step / half - 1) ** 0.9)


def by_epoch(epochs, length, **options):
    return dict(
        eta_min_ratio=LOW / HIGH,
        power=0.9,
        end=epochs,
        by_epoch=True,
        convert_to_iter_based=True,
        epoch_length=length,
        **options,
    )


@pytest.mark.parametrize(('epochs', 'length'), [(25, 7), (4, 5), (2, 3), (3, 1)])
def test_it_is_the_released_schedule(epochs, length):
    steps = epochs * length
    actual = [lr for (lr,) in learning_rates(steps, **by_epoch(epochs, length))]
    expected = [released(step, length, epochs) for step in range(1, steps + 1)]
    assert actual == pytest.approx(expected)
    assert max(actual) == pytest.approx(HIGH)


def test_the_last_of_25_epochs_runs_at_the_minimum():
    values = [lr for (lr,) in learning_rates(25 * 4, **by_epoch(25, 4))]
    assert values[12 * 4 - 1] == pytest.approx(HIGH)
    assert values[24 * 4 - 1 :] == pytest.approx([LOW] * 5)
    # Fast at first on both flanks: not a mirror image.
    assert values[6 * 4 - 1] > (HIGH + LOW) / 2 > values[18 * 4 - 1]


@pytest.mark.parametrize('length', [1, 2, 9, 1009])
def test_one_epoch_rises_and_falls(length):
    values = [lr for (lr,) in learning_rates(length, **by_epoch(1, length))]
    half = max(length // 2, 1)
    assert values[half - 1] == max(values) == pytest.approx(HIGH)
    assert values[:half] == sorted(values[:half])
    assert values[half - 1 :] == sorted(values[half - 1 :], reverse=True)
    if length > 1:
        assert values[-1] == pytest.approx(LOW)


def test_every_group_scales_both_ends():
    values = learning_rates(12, rates=(HIGH, 0.01 * HIGH), **by_epoch(4, 3))
    assert all(slow == pytest.approx(0.01 * fast) for fast, slow in values)
    assert values[-1] == pytest.approx([LOW, 0.01 * LOW])


def test_iterations_and_epochs_as_steps():
    values = [lr for (lr,) in learning_rates(4, end=4, by_epoch=False)]
    assert values == pytest.approx([released(step, 1, 4) for step in (1, 2, 3, 4)])
    again = [lr for (lr,) in learning_rates(4, end=4, by_epoch=True)]
    assert again == values


def test_a_given_half_period_counts_epochs():
    options = by_epoch(10, 3, half_period=2)
    values = [lr for (lr,) in learning_rates(30, **options)]
    assert values.index(max(values)) == 5
    assert values[11:] == pytest.approx([LOW] * 19)


def test_resuming_continues():
    config = dict(type='TriangularLR', end=10, by_epoch=False)
    optimizer = make_optimizer(HIGH)
    scheduler = PARAM_SCHEDULERS.build(config, default_args=dict(optimizer=optimizer))
    for _ in range(4):
        optimizer.step()
        scheduler.step()
    state, groups = scheduler.state_dict(), optimizer.state_dict()
    fresh = make_optimizer(HIGH)
    fresh.load_state_dict(groups)
    resumed = PARAM_SCHEDULERS.build(config, default_args=dict(optimizer=fresh))
    resumed.load_state_dict(state)
    for one in (optimizer, fresh):
        one.step()
    scheduler.step()
    resumed.step()
    assert fresh.param_groups[0]['lr'] == optimizer.param_groups[0]['lr']
    assert fresh.param_groups[0]['lr'] == pytest.approx(released(6, 1, 10))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(end=4, eta_min_ratio=1.5), r'eta_min_ratio must be in \[0, 1\], got 1.5'),
        (dict(end=4, power=0), 'power must be positive, got 0'),
        (dict(end=4, half_period=0), 'half_period must be at least 1, got 0'),
        (dict(), 'give it end or half_period'),
        (
            dict(end=4, by_epoch=True, convert_to_iter_based=True, epoch_length=0),
            'epoch_length must be positive, got 0',
        ),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        learning_rates(1, **options)
