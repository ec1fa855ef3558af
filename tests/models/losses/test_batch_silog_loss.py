import numpy as np
import pytest
import torch
from mmengine.registry import MODELS

import diffmm  # noqa: F401


def build(**options):
    return MODELS.build(dict(type='BatchSiLogLoss', **options))


def random_depth(seed, shape=(3, 1, 9, 11)):
    """Depth of 0.5 to 9 m with a third of the pixels unknown."""
    random = np.random.default_rng(seed)
    pred = random.uniform(0.5, 9, shape)
    target = random.uniform(0.5, 9, shape) * (random.random(shape) > 1 / 3)
    return torch.tensor(pred), torch.tensor(target)


def by_hand(pred, target, lambd=0.5, low=0.0, high=np.inf):
    """The formula in float64, pixel by pixel."""
    errors = [
        np.log(t) - np.log(p)
        for p, t in zip(pred.flatten().tolist(), target.flatten().tolist(), strict=True)
        if low < t <= high
    ]
    mean = sum(errors) / len(errors)
    square = sum(error**2 for error in errors) / len(errors)
    return np.sqrt(square - lambd * mean**2)


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('lambd', [0.0, 0.5, 0.85, 1.0])
def test_it_is_the_formula_over_the_batch(seed, lambd):
    pred, target = random_depth(seed)
    loss = build(lambd=lambd)(pred.float(), target.float())
    assert loss.item() == pytest.approx(by_hand(pred, target, lambd), rel=1e-5)


def test_it_is_not_the_mean_over_images():
    from mmseg.models.losses import SiLogLoss

    pred, target = random_depth(0)
    pred[0] *= 3
    loss = build()(pred.float(), target.float())
    host = SiLogLoss()(pred.float(), target.float())
    images = [by_hand(p, t) for p, t in zip(pred, target, strict=True)]
    assert host.item() == pytest.approx(np.mean(images), rel=1e-4)
    assert abs(loss.item() - host.item()) > 0.05


def test_valid_range_and_weight():
    pred, target = random_depth(1)
    loss = build(min_depth=2.0, loss_weight=10.0)
    expected = 10 * by_hand(pred, target, low=2.0)
    value = loss(pred.float(), target.float()).item()
    assert value == pytest.approx(expected, rel=1e-5)
    target[0, 0, 0, :3] = torch.tensor([float('nan'), float('inf'), -1.0])
    kept = target.clone()
    kept[0, 0, 0, :3] = 0
    value = build()(pred.float(), target.float()).item()
    assert value == pytest.approx(by_hand(pred, kept), rel=1e-5)


def test_gradient_is_that_of_the_formula():
    pred, target = random_depth(2, (2, 1, 3, 4))
    pred.requires_grad_()
    # Against finite differences; double precision passes through `float` as float32.
    build()(pred, target).backward()
    step = 1e-5
    for index in [(0, 0, 1, 2), (1, 0, 2, 3)]:
        moved = [pred.detach().clone() for _ in range(2)]
        moved[0][index] -= step
        moved[1][index] += step
        low, high = (by_hand(one, target) for one in moved)
        slope = (high - low) / (2 * step)
        assert pred.grad[index].item() == pytest.approx(slope, abs=2e-6)


@pytest.mark.parametrize('scale', [1.0, 1 + 1e-9])
def test_a_perfect_fit_has_a_zero_gradient(scale):
    _, target = random_depth(3)
    target = target.float()
    pred = (target.clamp(min=0.1) * scale).requires_grad_()
    loss = build()(pred, target)
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(pred.grad, torch.zeros_like(pred))


def test_a_nearly_perfect_fit_still_learns():
    _, target = random_depth(3)
    pred = (target.clamp(min=0.1) * 1.001).float().requires_grad_()
    loss = build()(pred, target.float())
    loss.backward()
    assert loss.item() == pytest.approx(np.log(1.001) * np.sqrt(0.5), rel=1e-2)
    assert pred.grad.isfinite().all() and pred.grad.abs().max() > 0


def test_an_image_without_depth_is_left_out_and_counted_once_aloud():
    pred, target = random_depth(4)
    target[1] = 0
    loss = build()
    with pytest.warns(UserWarning, match='1 of 3 images have no valid depth') as caught:
        value = loss(pred.float(), target.float())
        loss(pred.float(), target.float())
    assert len(caught) == 1 and loss.num_skipped == 2
    rest = build()(pred[[0, 2]].float(), target[[0, 2]].float())
    assert value.item() == pytest.approx(rest.item(), rel=1e-6)


def test_a_batch_without_depth_is_zero_and_connected():
    pred = torch.rand(2, 1, 4, 4).add(1).requires_grad_()
    loss = build()
    with pytest.warns(UserWarning, match='2 of 2 images'):
        value = loss(pred, torch.zeros(2, 1, 4, 4))
    value.backward()
    assert value.item() == 0 and loss.num_skipped == 2
    assert torch.equal(pred.grad, torch.zeros_like(pred))


def test_a_vanished_prediction_is_finite_and_a_broken_one_is_not_hidden():
    pred, target = random_depth(5)
    pred[0, 0, 0, 0], target[0, 0, 0, 0] = 0.0, 1.0
    assert build()(pred.float(), target.float()).isfinite()
    pred[0, 0, 0, 0] = float('nan')
    assert build()(pred.float(), target.float()).isnan()


def test_half_precision_is_computed_in_full():
    pred, target = random_depth(6)
    loss = build()(pred.bfloat16(), target.float())
    assert loss.dtype == torch.float32
    expected = by_hand(pred.bfloat16().double(), target)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(lambd=1.2), r'lambd must be in \[0, 1\], got 1.2'),
        (dict(min_depth=-1), 'min_depth must not be negative, got -1'),
        (dict(eps=0), 'eps must be positive, got 0'),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r'pred of shape \(1, 1, 2, 2\)'):
        build()(torch.ones(1, 1, 2, 2), torch.ones(1, 2, 2))
