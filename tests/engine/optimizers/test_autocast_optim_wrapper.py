import pytest
import torch
from mmengine.registry import OPTIM_WRAPPERS
from torch import nn

import diffmm  # noqa: F401


@pytest.mark.parametrize(
    'enabled, dtype', [(True, torch.bfloat16), (False, torch.float32)]
)
def test_forward_runs_in_bfloat16_and_weights_stay(enabled, dtype):
    model = nn.Linear(4, 4)
    wrapper = OPTIM_WRAPPERS.build(
        dict(
            type='AutocastOptimWrapper',
            optimizer=torch.optim.SGD(model.parameters(), 0.1),
            enabled=enabled,
        )
    )
    before = model.weight.detach().clone()
    with wrapper.optim_context(model):
        output = model(torch.ones(2, 4))
    assert output.dtype == dtype
    wrapper.update_params(output.float().sum())
    assert model.weight.dtype == torch.float32
    torch.testing.assert_close(model.weight, before - 0.2)
