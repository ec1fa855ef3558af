"""Several predictions of one depth map."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import TASK_UTILS

import diffmm  # noqa: F401  registers the ensemble


def build(**options):
    return TASK_UTILS.build(dict(type='DepthEnsemble', **options))


def test_scale_and_shift_of_the_members_do_not_matter():
    depth = torch.rand(1, 9, 12)
    depth = (depth - depth.min()) / (depth.max() - depth.min())
    members = torch.stack([0.2 + 0.5 * depth, 0.1 * depth, depth, 0.9 * depth + 0.1])
    found, uncertainty = build(size=4).merge(members)
    torch.testing.assert_close(found, depth, rtol=0, atol=1e-3)
    assert uncertainty.shape == depth.shape and uncertainty.max() < 1e-3


def test_a_member_that_errs_is_outvoted():
    depth = torch.linspace(0, 1, 64).view(1, 8, 8)
    members = depth.repeat(5, 1, 1, 1)
    members[3, :, 2:4, 2:4] = 0.9
    found, _ = build(size=5, max_iter=0).merge(members)
    torch.testing.assert_close(found, depth, rtol=0, atol=1e-3)
    members[4, :, 2:4, 2:4] = members[1, :, 2:4, 2:4] = 0.9
    found, uncertainty = build(size=5, max_iter=0).merge(members)
    assert (found[:, 2:4, 2:4] > 0.85).all()
    # Median of the deviations: three of five agree.
    assert uncertainty.max() < 1e-6


def test_the_alignment_makes_members_agree_more():
    """Where the two ends of a member's depth, which it begins with, mislead."""
    members = torch.linspace(0, 1, 64).view(1, 8, 8).repeat(3, 1, 1, 1)
    members *= torch.tensor([1.0, 0.5, 0.8]).view(3, 1, 1, 1)
    for index in range(3):
        members[index, 0, index, index] = 1.5
    options = (dict(max_iter=0), dict(max_iter=2, tol=1.0), dict(max_iter=2))
    begin, loose, tight = (
        build(size=3, **each).merge(members)[1].mean() for each in options
    )
    assert tight < loose < begin


def test_half_precision_is_merged_in_single():
    """As with a decoder in bfloat16, or under autocast."""
    members = torch.rand(3, 1, 6, 6).bfloat16()
    expected = build(size=3).merge(members.float())
    with torch.autocast('cpu', torch.bfloat16):
        found = build(size=3).merge(members)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == torch.float32 and torch.equal(one, other)


@pytest.mark.parametrize('shape', [(4, 4), (1, 1)])
def test_members_without_contrast_are_finite(shape):
    members = torch.tensor([0.0, 0.3, 1.0]).view(3, 1, 1, 1).expand(3, 1, *shape)
    for part in build(size=3).merge(members):
        assert part.shape == (1, *shape) and part.isfinite().all()


@pytest.mark.parametrize('size', [1, 0])
def test_less_than_two_members(size):
    with pytest.raises(ValueError, match=f'at least 2 members, got {size}'):
        build(size=size)
