from __future__ import annotations

import math

import pytest
import torch
from mmcv.ops import roi_align, roi_pool

from tests.operators.comparison import assert_equal, run_with_gradients

# Inside, over the edges, smaller than a pixel, of the second image.
ROIS = torch.tensor(
    [
        [0, 4.3, 6.1, 40.2, 51.7],
        [0, -9.0, 30.5, 25.0, 90.0],
        [1, 20.0, 20.0, 20.4, 20.3],
        [1, 0.0, 0.0, 63.0, 55.0],
    ]
)


@pytest.fixture
def maps():
    return torch.randn(2, 3, 14, 16)


@pytest.mark.parametrize('size', [1, 7, (3, 5)])
@pytest.mark.parametrize('sampling_ratio', [0, 2])
@pytest.mark.parametrize('aligned', [True, False])
def test_roi_align_equals_the_compiled_one(
    compiled, use_stand_in, maps, size, sampling_ratio, aligned
):
    def align(maps):
        return roi_align(maps, ROIS, size, 0.25, sampling_ratio, 'avg', aligned)

    expected = run_with_gradients(align, maps)
    use_stand_in('roi_align')
    assert_equal(run_with_gradients(align, maps), expected)


def test_roi_align_by_hand(use_stand_in, maps):
    use_stand_in('roi_align')
    # Whole pixels, sampled in their centers: what comes out is what went in.
    rois = torch.tensor([[1.0, 8, 4, 24, 20]])
    found = roi_align(maps, rois, 4, 0.25, 1, 'avg', True)
    torch.testing.assert_close(found[0], maps[1, :, 1:5, 2:6])
    assert roi_align(maps, rois[:0], 4, 0.25).shape == (0, 3, 4, 4)


@pytest.mark.parametrize('dtype', [torch.half, torch.bfloat16])
@pytest.mark.parametrize('operator', [roi_align, roi_pool])
def test_maps_of_half_precision(use_stand_in, maps, dtype, operator):
    """The regions keep theirs: a coordinate of 1001 is 1000 in bfloat16."""
    use_stand_in('roi_align', 'roi_pool')
    maps = maps.to(dtype)
    rois = ROIS + torch.tensor([0.0, 0.11, 0.13, 0.17, 0.19])

    def pool(maps):
        maps = maps.clone().requires_grad_()
        output = operator(maps, rois, 3, 0.25)
        output.float().sum().backward()
        return output.detach(), maps.grad

    output, gradient = pool(maps)
    expected, slope = pool(maps.float())
    assert output.dtype == gradient.dtype == dtype
    torch.testing.assert_close(output.float(), expected, rtol=0.01, atol=0.01)
    torch.testing.assert_close(gradient.float(), slope, rtol=0.02, atol=0.05)


def test_roi_align_of_maxima_is_refused(use_stand_in, maps):
    use_stand_in('roi_align')
    with pytest.raises(NotImplementedError, match=r"pool_mode='max'.*make ops"):
        roi_align(maps, ROIS, 7, 0.25, 0, 'max', True)


def pool_by_definition(maps, size, scale):
    """mmcv's kernel, which it has for GPUs only, one bin after another."""
    height, width = maps.shape[-2:]
    vertical, horizontal = size if isinstance(size, tuple) else (size, size)
    rows = []
    for image, *corners in ROIS.tolist():
        left, top = (scale * corner for corner in corners[:2])
        across, down = (
            scale * (corner + 1) - start
            for corner, start in zip(corners[2:], (left, top), strict=True)
        )
        bins = []
        for i in range(vertical):
            for j in range(horizontal):
                y = [math.floor(i * down / vertical + top)]
                y.append(math.ceil((i + 1) * down / vertical + top))
                x = [math.floor(j * across / horizontal + left)]
                x.append(math.ceil((j + 1) * across / horizontal + left))
                y = [min(max(each, 0), height) for each in y]
                x = [min(max(each, 0), width) for each in x]
                window = maps[int(image), :, slice(*y), slice(*x)]
                empty = window.numel() == 0
                bins.append(
                    window.flatten(1).sum(1) * 0 if empty else window.amax((1, 2))
                )
        rows.append(torch.stack(bins, 1).unflatten(1, (vertical, horizontal)))
    return torch.stack(rows)


@pytest.mark.parametrize('size', [1, 3, 7, (2, 5)], ids=str)
@pytest.mark.parametrize('scale', [0.25, 0.11, 1.0])
def test_roi_pool_equals_its_definition(use_stand_in, maps, size, scale):
    use_stand_in('roi_pool')
    found = run_with_gradients(lambda maps: roi_pool(maps, ROIS, size, scale), maps)
    expected = run_with_gradients(lambda x: pool_by_definition(x, size, scale), maps)
    assert_equal(found, expected)


def test_roi_pool_of_a_region_outside_is_zero(use_stand_in, maps):
    use_stand_in('roi_pool')
    outside = torch.tensor([[0, 100.0, 100, 120, 120], [0, 9.0, 9, 3, 3]])
    pooled = roi_pool(maps.requires_grad_(), outside, 2, 0.25)
    assert pooled.shape == (2, 3, 2, 2) and not pooled.any()
    pooled.sum().backward()
    assert not maps.grad.any()
