import pytest
from mmengine.optim import build_optim_wrapper
from torch import nn

import diffmm  # noqa: F401


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = nn.Conv2d(3, 4, 3)
        self.norm = nn.GroupNorm(2, 4)
        self.hidden = nn.Conv2d(4, 4, 3)
        self.table = nn.Embedding(5, 4)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)


def names_by_group(model, **options):
    config = dict(
        type='OptimWrapper',
        constructor='MuonOptimWrapperConstructor',
        optimizer=dict(type='MuonAdamW', lr=1e-3, weight_decay=0.1),
    )
    groups = build_optim_wrapper(model, config | options).optimizer.param_groups
    names = {id(p): name for name, p in model.named_parameters()}
    return [
        (
            group['algorithm'],
            group['weight_decay'],
            [names[id(p)] for p in group['params']],
        )
        for group in groups
    ]


def test_groups():
    assert names_by_group(Model()) == [
        ('muon', 0.1, ['hidden.weight']),
        ('adamw', 0.1, ['conv_in.weight']),
        (
            'adamw',
            0.0,
            ['conv_in.bias', 'norm.weight', 'norm.bias', 'hidden.bias', 'table.weight'],
        ),
    ]


def test_names_of_edge_layers_can_be_given():
    groups = names_by_group(Model(), paramwise_cfg=dict(adamw_keys=('hidden',)))
    assert groups[0] == ('muon', 0.1, ['conv_in.weight'])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(paramwise_cfg=dict(custom_keys={})), r"got \['custom_keys'\]"),
        (dict(optimizer=dict(type='SGD', lr=1.0)), "optimizer type 'SGD'"),
    ],
)
def test_other_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        names_by_group(Model(), **options)


def test_nothing_to_train():
    with pytest.raises(ValueError, match='Model has no parameter with requires_grad'):
        names_by_group(Model().requires_grad_(False))
