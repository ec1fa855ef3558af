"""Losses of depth maps that are predicted in one step."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS

import diffmm  # noqa: F401  registers the losses
from diffmm.models.losses import aligned_depth_losses
from diffmm.models.losses.aligned_depth_losses import fit_scale_and_shift

LOSSES = dict(
    squared=dict(type='SquaredDepthLoss'),
    aligned=dict(type='AlignedDepthLoss'),
    positive=dict(type='AlignedDepthLoss', positive=True),
    gradient=dict(type='DepthGradientLoss'),
)
each_loss = pytest.mark.parametrize('name', LOSSES)


def build(kind, **options):
    return MODELS.build(dict(type=kind, **options))


def pictures(count=3, side=5):
    """Gray predictions and targets of which two thirds count, in double precision."""
    prediction, target = torch.rand(2, count, 1, side, side + 1).double() * 2 - 1
    valid = torch.rand(count, 1, side, side + 1) < 2 / 3
    return prediction, target, valid


@each_loss
def test_the_gradient_is_that_of_the_loss(name):
    """Against finite differences; the fit of scale and shift is part of it."""
    loss = MODELS.build(LOSSES[name])
    prediction, target, valid = pictures()
    target[1] = 0.2 - 0.5 * prediction[1]  # drawn inside out
    target[1] += 0.1 * torch.rand_like(target[1])
    prediction.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda each: loss(each, target, valid), prediction, eps=1e-7, atol=1e-5
    )


@each_loss
def test_pixels_that_do_not_count_change_nothing(name):
    loss = MODELS.build(LOSSES[name])
    prediction, target, valid = pictures()
    found = []
    for unknown in (0.0, 1e6, torch.inf, torch.nan):
        seen = prediction.clone().requires_grad_()
        value = loss(seen, torch.where(valid, target, unknown), valid)
        value.backward()
        assert not seen.grad[~valid].any()
        found.append((value.detach(), seen.grad))
    for value, gradient in found[1:]:
        torch.testing.assert_close((value, gradient), found[0])


@each_loss
def test_batches_without_a_valid_pixel_are_zero_and_connected(name):
    prediction, target, valid = pictures()
    prediction.requires_grad_()
    value = MODELS.build(LOSSES[name])(prediction, target, valid & False)
    value.backward()
    assert value == 0 and torch.equal(prediction.grad, torch.zeros_like(prediction))


@each_loss
def test_every_valid_pixel_of_all_processes_counts_alike(name, monkeypatch):
    """Whatever the numbers of valid pixels in each process."""
    loss = MODELS.build(dict(LOSSES[name], loss_weight=2.0))
    prediction, target, valid = pictures(4)
    valid[0] = False
    valid[0, 0, 2, :3] = True
    whole = loss(prediction, target, valid)
    total = valid.sum()
    monkeypatch.setattr(aligned_depth_losses, 'sum_over_processes', lambda _: total)
    monkeypatch.setattr(aligned_depth_losses, 'process_count', lambda: 2)
    parts = [
        loss(*(each[rows] for each in (prediction, target, valid)))
        for rows in (slice(0, 1), slice(1, 4))
    ]
    # DDP averages gradients, and so losses.
    torch.testing.assert_close(sum(parts) / 2, whole)


def test_scale_and_shift_are_those_of_least_squares():
    prediction, target, valid = pictures()
    scales, shifts = fit_scale_and_shift(prediction, target, valid)
    for index, (scale, shift) in enumerate(zip(scales, shifts, strict=True)):
        seen, known = prediction[index][valid[index]], target[index][valid[index]]
        system = torch.stack([seen, torch.ones_like(seen)], dim=1)
        expected = torch.linalg.lstsq(system, known[:, None]).solution.flatten()
        torch.testing.assert_close(torch.stack([scale, shift]), expected)


@pytest.mark.parametrize('constant', [-1.0, -0.7, 0.0, 0.3])
@pytest.mark.parametrize('side', [3, 8, 64])
def test_a_constant_prediction_has_no_scale(constant, side):
    prediction = torch.full((1, 1, side, side), constant)
    valid = torch.ones_like(prediction).bool()
    # What does not count is no contrast.
    prediction[0, 0, 0, 0], valid[0, 0, 0, 0] = 5.0, False
    fit = fit_scale_and_shift(prediction, torch.rand(1, 1, side, side), valid)
    assert torch.equal(torch.cat(fit), torch.zeros(2))


def test_one_valid_pixel_has_no_scale():
    prediction, target = torch.rand(2, 1, 1, 4, 4)
    valid = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    for count in (0, 1):
        valid.flatten()[:count] = True
        fit = fit_scale_and_shift(prediction, target, valid)
        assert torch.equal(torch.cat(fit), torch.zeros(2))


def test_a_picture_drawn_inside_out_keeps_its_sign_if_asked():
    """Both by hand: the median of 2 + gray is 2.5 of the target, 1.5 of the other."""
    target = torch.tensor([-0.5, 0.0, 0.5, 0.75, 1.0]).view(1, 1, 1, 5)
    valid = torch.ones_like(target).bool()
    mirrored = build('AlignedDepthLoss')(-target, target, valid)
    assert mirrored.item() == pytest.approx(0, abs=1e-6)
    errors = (2.5 / 1.5 * (2 - target) - 2 - target).abs()
    found = build('AlignedDepthLoss', positive=True)(-target, target, valid)
    assert found.item() == pytest.approx(errors.mean().item(), rel=1e-6)


def test_meters_take_the_place_of_gray():
    prediction, target, valid = pictures()
    meters = 30 * target + 40
    gray, metric = (
        build('AlignedDepthLoss', meters=flag)(prediction, target, valid, meters)
        for flag in (False, True)
    )
    torch.testing.assert_close(metric, 30 * gray)


def test_differences_of_neighbors_by_hand():
    """A pair counts if both pixels do; the mean is over pixels, not pairs."""
    errors = torch.tensor([[0.0, 1.0, 3.0], [0.0, 5.0, 0.0]]).view(1, 1, 2, 3)
    valid = torch.ones_like(errors).bool()
    valid[..., 1, 1] = False
    found = {
        axes: build('DepthGradientLoss', directions=axes)(errors, 0 * errors, valid)
        for axes in (('vertical',), ('horizontal',), ('vertical', 'horizontal'))
    }
    # Columns: 0 to 0 and 3 to 0. Rows: 0 to 1 and 1 to 3. Five pixels count.
    assert [5 * each.item() for each in found.values()] == pytest.approx([3, 3, 6])


@pytest.mark.parametrize('directions', [('up',), (), ('vertical', 'up')])
def test_directions_that_are_refused(directions):
    with pytest.raises(ValueError, match='some of .*vertical.*got ') as caught:
        build('DepthGradientLoss', directions=directions)
    assert str(caught.value).endswith(f'got {directions}')


def test_meters_need_a_codec_that_knows_them():
    gray = torch.zeros(1, 1, 2, 2)
    loss = build('AlignedDepthLoss', meters=True)
    with pytest.raises(ValueError, match='meters=True. needs a codec that knows'):
        loss(gray, gray, gray == 0)
