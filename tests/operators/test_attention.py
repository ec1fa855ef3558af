from __future__ import annotations

import pytest
import torch
from mmcv.ops import PSAMask
from mmcv.ops.multi_scale_deform_attn import (
    MultiScaleDeformableAttnFunction,
    multi_scale_deformable_attn_pytorch,
)

from tests.operators.comparison import assert_equal, run_with_gradients


@pytest.mark.parametrize('shapes', [[(6, 7)], [(8, 6), (4, 3)]], ids=str)
def test_deformable_attention_equals_that_of_mmcv_for_the_cpu(use_stand_in, shapes):
    """mmcv compiles it for GPUs only, and has a PyTorch version for the CPU."""
    use_stand_in('multi_scale_deform_attn')
    shapes = torch.tensor(shapes)
    sizes = shapes.prod(1)
    value = torch.randn(2, int(sizes.sum()), 4, 3)
    locations = torch.rand(2, 5, 4, len(shapes), 2, 2) * 1.4 - 0.2
    weights = torch.rand(2, 5, 4, len(shapes), 2)
    start = sizes.cumsum(0) - sizes

    def attend(value, locations, weights):
        return MultiScaleDeformableAttnFunction.apply(
            value, shapes, start, locations, weights, 64
        )

    def attend_in_pytorch(value, locations, weights):
        return multi_scale_deformable_attn_pytorch(value, shapes, locations, weights)

    tensors = (value, locations, weights)
    expected = run_with_gradients(attend_in_pytorch, *tensors)
    assert_equal(run_with_gradients(attend, *tensors), expected)


@pytest.mark.parametrize('kind', ['collect', 'distribute'])
@pytest.mark.parametrize('size', [(9, 11), (3, 5), (15, 15)], ids=str)
def test_psa_mask_equals_the_compiled_one(compiled, use_stand_in, kind, size):
    module, masks = PSAMask(kind, size), torch.randn(2, size[0] * size[1], 5, 6)
    expected = run_with_gradients(module, masks)
    use_stand_in('psa_mask')
    assert_equal(run_with_gradients(module, masks), expected)


def test_psa_mask_by_hand(use_stand_in):
    use_stand_in('psa_mask')
    # One row of three pixels; a mask sees one to the left and one to the right.
    masks = torch.arange(9.0).reshape(1, 3, 1, 3)
    collected = PSAMask('collect', (1, 3))(masks)[0, :, 0]
    assert collected.tolist() == [[3, 1, 0], [6, 4, 2], [0, 7, 5]]
    distributed = PSAMask('distribute', (1, 3))(masks)[0, :, 0]
    assert distributed.tolist() == collected.T.tolist()
