"""mmcv compiles CARAFE for GPUs only, so it is compared with the definition."""

from __future__ import annotations

import pytest
import torch
from mmcv.ops import CARAFEPack, carafe, carafe_naive
from torch.nn import functional

from tests.operators.comparison import assert_equal, run_with_gradients


def define(features, masks, kernel, groups, scale):
    """Equation 2: all windows at once."""
    batch, channels, height, width = features.shape
    windows = functional.unfold(features, kernel, padding=kernel // 2)
    windows = windows.reshape(batch, channels * kernel**2, height, width)
    windows = functional.interpolate(windows, scale_factor=scale, mode='nearest')
    size = windows.shape[-2:]
    windows = windows.reshape(batch, groups, -1, kernel**2, *size)
    weighted = windows * masks.reshape(batch, groups, 1, kernel**2, *size)
    return weighted.sum(3).reshape(batch, channels, *size)


SIZES = pytest.mark.parametrize(
    ('kernel', 'groups', 'scale'), [(3, 1, 2), (5, 2, 2), (3, 4, 3)]
)


@SIZES
@pytest.mark.parametrize('size', [(5, 7), (2, 3)], ids=str)
def test_carafe_equals_its_definition(use_stand_in, kernel, groups, scale, size):
    use_stand_in('carafe')
    features = torch.randn(2, 4, *size)
    masks = torch.randn(2, groups * kernel**2, *(scale * side for side in size))
    tensors, sizes = (features, masks), (kernel, groups, scale)
    found = run_with_gradients(lambda *each: carafe(*each, *sizes), *tensors)
    expected = run_with_gradients(lambda *each: define(*each, *sizes), *tensors)
    assert_equal(found, expected)


@SIZES
def test_the_naive_operator_gives_the_same(use_stand_in, kernel, groups, scale):
    """Forward only: mmcv's own Python refuses its gradient on a CPU."""
    use_stand_in('carafe')
    features = torch.randn(2, 4, 5, 7)
    masks = torch.randn(2, groups * kernel**2, scale * 5, scale * 7)
    found = carafe_naive(features, masks, kernel, groups, scale)
    torch.testing.assert_close(found, define(features, masks, kernel, groups, scale))


def test_the_upsampler_trains(use_stand_in):
    use_stand_in('carafe')
    module = CARAFEPack(8, scale_factor=2)
    enlarged = module(torch.randn(1, 8, 6, 6))
    assert enlarged.shape == (1, 8, 12, 12)
    enlarged.square().sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


def test_no_region_at_all(use_stand_in):
    """As in a head of masks, for a picture in which nothing was found."""
    use_stand_in('carafe')
    features = torch.randn(0, 8, 6, 6, requires_grad=True)
    enlarged = carafe(features, torch.randn(0, 25, 12, 12), 5, 1, 2)
    assert enlarged.shape == (0, 8, 12, 12)
    enlarged.sum().backward()
    assert features.grad.shape == features.shape
