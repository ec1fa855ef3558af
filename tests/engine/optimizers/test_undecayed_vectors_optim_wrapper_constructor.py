import pytest
import torch
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import distributed, nn
from torch.distributed.fsdp import FullyShardedDataParallel

import diffmm  # noqa: F401


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.unet = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
        self.head = nn.Sequential(nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2))
        self.gamma = nn.Parameter(torch.ones(3))
        self.frozen = nn.Parameter(torch.ones(3), requires_grad=False)


def build(model, **paramwise):
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type='UndecayedVectorsOptimWrapperConstructor',
            optim_wrapper_cfg=dict(
                type='OptimWrapper',
                optimizer=dict(type='AdamW', lr=5e-4, weight_decay=0.1),
            ),
            paramwise_cfg=paramwise or None,
        )
    )
    return constructor(model).optimizer


def test_the_four_released_groups():
    model = Model()
    optimizer = build(model, custom_keys={'unet': dict(lr_mult=0.01)})
    found = {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in optimizer.param_groups
        for parameter in group['params']
    }
    expected = {
        model.unet[0].weight: (5e-6, 0.1),
        model.unet[0].bias: (5e-6, 0.0),
        model.unet[1].weight: (5e-6, 0.0),
        model.unet[1].bias: (5e-6, 0.0),
        model.head[0].weight: (5e-4, 0.1),
        model.head[0].bias: (5e-4, 0.0),
        model.head[1].weight: (5e-4, 0.0),
        model.head[1].bias: (5e-4, 0.0),
        model.gamma: (5e-4, 0.0),
    }
    assert len(found) == len(expected) and len(optimizer.param_groups) == 4
    for parameter, options in expected.items():
        assert found[id(parameter)] == pytest.approx(options)


def test_without_custom_keys():
    groups = build(Model()).param_groups
    assert sorted(group['weight_decay'] for group in groups) == [0.0, 0.1]


def test_errors_are_those_of_the_base_class():
    with pytest.raises(ValueError, match="custom key 'unett' occurs in none"):
        build(Model(), custom_keys={'unett': dict(lr_mult=0.01)})


def test_flat_pieces_of_fsdp_are_refused(tmp_path):
    """To the optimizer every one of them is a vector."""
    distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/store', rank=0, world_size=1
    )
    try:
        model = FullyShardedDataParallel(
            Model(), device_id=torch.device('cpu'), use_orig_params=True
        )
        with pytest.raises(ValueError, match='flat pieces .*DDPStrategy'):
            build(model)
    finally:
        distributed.destroy_process_group()
