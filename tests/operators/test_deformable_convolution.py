from __future__ import annotations

import pytest
import torch
from mmcv.ops import (
    DeformConv2dPack,
    ModulatedDeformConv2dPack,
    deform_conv2d,
    modulated_deform_conv2d,
)
from torch.nn import functional

from tests.operators.comparison import assert_equal, run_with_gradients

# Kernel (rows, columns), stride, padding, dilation, groups, deformable groups.
GEOMETRIES = [
    ((3, 3), 1, 1, 1, 1, 1),
    ((3, 3), 2, 1, 1, 2, 1),
    ((3, 3), 1, 2, 2, 1, 2),
    ((1, 5), (2, 1), (0, 2), 1, 4, 4),
    ((1, 1), 1, 0, 1, 1, 1),
]


def draw(kernel, stride, padding, dilation, groups, deform_groups, shift=2.0):
    """Image, offsets, masks and weight for a geometry."""
    image, weight = torch.randn(2, 4, 9, 11), torch.randn(8, 4 // groups, *kernel)
    size = functional.conv2d(image, weight, None, stride, padding, dilation, groups)
    places = deform_groups * kernel[0] * kernel[1]
    # Large enough to leave the image now and then.
    offset = torch.randn(2, 2 * places, *size.shape[-2:]) * shift
    return image, offset, torch.rand(2, places, *size.shape[-2:]), weight


@pytest.mark.parametrize('geometry', GEOMETRIES, ids=str)
def test_deformable_equals_the_compiled_one(compiled, use_stand_in, geometry):
    image, offset, _, weight = draw(*geometry)

    def convolve(image, offset, weight):
        return deform_conv2d(image, offset, weight, *geometry[1:])

    expected = run_with_gradients(convolve, image, offset, weight)
    use_stand_in('deform_conv')
    assert_equal(run_with_gradients(convolve, image, offset, weight), expected)


@pytest.mark.parametrize('dtype', [torch.half, torch.bfloat16])
@pytest.mark.parametrize('kind', [DeformConv2dPack, ModulatedDeformConv2dPack])
def test_layers_of_half_precision(use_stand_in, dtype, kind):
    use_stand_in('deform_conv', 'modulated_deform_conv')
    layer = kind(4, 6, 3, padding=1, stride=2)
    image = torch.randn(2, 4, 9, 8)
    output, (gradient,) = run_with_gradients(layer.to(dtype), image.to(dtype))
    assert output.dtype == gradient.dtype == dtype
    expected = layer.float()(image.to(dtype).float()).detach()
    torch.testing.assert_close(output.float(), expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize('geometry', GEOMETRIES, ids=str)
@pytest.mark.parametrize('with_bias', [True, False])
def test_modulated_equals_the_compiled_one(compiled, use_stand_in, geometry, with_bias):
    tensors = [*draw(*geometry), *([torch.randn(8)] if with_bias else [])]

    def convolve(image, offset, mask, weight, bias=None):
        return modulated_deform_conv2d(image, offset, mask, weight, bias, *geometry[1:])

    expected = run_with_gradients(convolve, *tensors)
    use_stand_in('modulated_deform_conv')
    assert_equal(run_with_gradients(convolve, *tensors), expected)


def test_modulated_reads_larger_offsets_as_the_compiled_one(compiled, use_stand_in):
    """As in DyHead, which samples a coarser map at the places of a finer one."""
    _, offset, mask, weight = draw(*GEOMETRIES[0])
    tensors = (torch.randn(2, 4, 5, 6), offset, mask, weight)

    def convolve(image, offset, mask, weight):
        return modulated_deform_conv2d(
            image, offset, mask, weight, None, *GEOMETRIES[0][1:]
        )

    expected = run_with_gradients(convolve, *tensors)
    use_stand_in('modulated_deform_conv')
    assert_equal(run_with_gradients(convolve, *tensors), expected)


@pytest.mark.parametrize('geometry', GEOMETRIES, ids=str)
def test_without_shifts_both_are_ordinary(use_stand_in, geometry):
    use_stand_in('deform_conv', 'modulated_deform_conv')
    image, offset, mask, weight = draw(*geometry, shift=0.0)
    *places, groups, deform_groups = geometry[1:]
    bias = torch.randn(8)

    def ordinary(image, weight):
        return functional.conv2d(image, weight, None, *places, groups)

    def deformed(image, weight):
        return deform_conv2d(image, offset, weight, *places, groups, deform_groups)

    expected = run_with_gradients(ordinary, image, weight)
    assert_equal(run_with_gradients(deformed, image, weight), expected)

    halved = modulated_deform_conv2d(
        image, offset, mask * 0 + 0.5, weight, bias, *places, groups, deform_groups
    )
    expected = ordinary(image, weight) / 2 + bias[:, None, None]
    torch.testing.assert_close(halved, expected, rtol=1e-4, atol=1e-5)


def test_a_layer_trains(use_stand_in):
    use_stand_in('deform_conv')
    layer = DeformConv2dPack(3, 4, 3, padding=1)
    # A batch that im2col_step does not divide is no matter for one step of it.
    layer(torch.randn(5, 3, 8, 8)).sum().backward()
    assert all(parameter.grad is not None for parameter in layer.parameters())
