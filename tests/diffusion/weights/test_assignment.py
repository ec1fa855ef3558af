import pytest
import torch
from torch import nn

from diffmm.diffusion import FeatureUNet, WeightsError
from diffmm.diffusion.weights import assign_weights
from diffmm.models.backbones.trainable_part import set_trainable_part
from tests import tiny


@pytest.fixture
def module():
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def filled(module, value):
    return {k: torch.full_like(v, value) for k, v in module.state_dict().items()}


def test_parameters_and_buffers_are_filled(module):
    parameters = list(module.parameters())
    assign_weights(module, filled(module, 3), 'source', 'sd15')
    assert all((t == 3).all() for t in module.state_dict().values())
    # In place: an optimizer that holds the parameters sees the values.
    assert all(p is q for p, q in zip(parameters, module.parameters(), strict=True))
    assert all(p.requires_grad and p.grad_fn is None for p in parameters)


def test_values_take_the_dtype_of_the_module(module):
    tensors = {k: v.half() for k, v in filled(module, 0.1).items()}
    assign_weights(module, tensors, 'source', 'sd15')
    assert module[0].weight.dtype == torch.float32
    assert module[0].weight[0, 0] == torch.tensor(0.1).half().float()


def test_what_has_no_place_is_left_aside(module):
    tensors = filled(module, 1) | {'decoder.weight': torch.zeros(5)}
    assign_weights(module, tensors, 'source', 'sd15')
    assert (module[0].weight == 1).all()


def test_missing_tensors_are_named_and_nothing_is_copied(module):
    before = {k: v.clone() for k, v in module.state_dict().items()}
    tensors = filled(module, 1)
    del tensors['1.bias']
    with pytest.raises(WeightsError) as error:
        assign_weights(module, tensors, 'unet of x.ckpt', 'sd21')
    for part in ('unet of x.ckpt', "'sd21'", "1 of 7 tensors missing ['1.bias']"):
        assert part in str(error.value)
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())


def test_other_shapes_are_quoted_and_nothing_is_copied(module):
    before = {k: v.clone() for k, v in module.state_dict().items()}
    tensors = filled(module, 1) | {'0.weight': torch.zeros(3, 2)}
    with pytest.raises(WeightsError, match=r'0.weight is \(3, 2\), expected \(2, 3\)'):
        assign_weights(module, tensors, 'source', 'sd15')
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())


def test_adapted_layers_are_filled_and_adapters_kept():
    unet = FeatureUNet.build(tiny.UNET)
    tensors = {k: torch.randn_like(v) for k, v in unet.state_dict().items()}
    set_trainable_part(unet, dict(type='lora', rank=2))
    adapters = {k: v.clone() for k, v in unet.state_dict().items() if '.lora_' in k}
    assert adapters
    assign_weights(unet, tensors, 'source', 'custom')
    state = unet.state_dict()
    for name, value in tensors.items():
        stem, kind = name.rsplit('.', 1)
        adapted = f'{stem}.base_layer.{kind}'
        assert torch.equal(state[adapted if adapted in state else name], value)
    assert all(torch.equal(state[name], value) for name, value in adapters.items())
