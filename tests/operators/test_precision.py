from __future__ import annotations

import pytest
import torch

from diffmm.operators.precision import at_least_float32


@pytest.mark.parametrize(
    ('types', 'expected'),
    [
        ((torch.half, torch.bfloat16), torch.float32),
        ((torch.int64, torch.half), torch.float32),
        ((torch.float32, torch.double), torch.double),
    ],
)
def test_tensors_get_one_type(types, expected):
    tensors = [torch.ones(2, dtype=dtype) for dtype in types]
    assert {each.dtype for each in at_least_float32(*tensors)} == {expected}


def test_what_has_the_type_is_not_copied():
    tensor = torch.ones(2)
    assert at_least_float32(tensor)[0] is tensor
