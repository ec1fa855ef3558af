import pytest
import torch
from torch import nn

from diffmm.models.loaded_weights import LoadedWeights


def build(has_weights):
    module = LoadedWeights('the net', has_weights)
    module.layer = nn.Linear(2, 2)
    return module


def test_only_a_complete_checkpoint_takes_the_place_of_the_weights():
    build(has_weights=True).require_weights()
    state = build(has_weights=False).state_dict()
    module = build(has_weights=False)
    module.load_state_dict(
        {name: state[name] for name in list(state)[:1]}, strict=False
    )
    with pytest.raises(RuntimeError, match='weights of the net were never read'):
        module.require_weights()
    module.load_state_dict(state)
    module.require_weights()
    assert torch.equal(module.layer.weight, state['layer.weight'])
