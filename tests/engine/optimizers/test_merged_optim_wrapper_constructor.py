import logging

import pytest
import torch
from diffusers import UNet2DConditionModel
from mmengine.logging import MMLogger
from mmengine.optim import PolyLR, build_optim_wrapper
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import distributed, nn
from torch.distributed.fsdp import FullyShardedDataParallel

from diffmm.engine import MergedOptimWrapperConstructor

# What the released VPD recipe trains: transformer norms at the full learning rate
# without decay, the rest of the UNet at one tenth of it.
RELEASED_KEYS = {
    'backbone.unet': dict(lr_mult=0.1),
    'transformer_blocks.0.norm': dict(lr_mult=1.0, decay_mult=0.0),
    'attentions.0.norm.': dict(lr_mult=1.0, decay_mult=0.0),
    'attentions.1.norm.': dict(lr_mult=1, decay_mult=0),
    'attentions.2.norm.': dict(decay_mult=0.0),
}


class Backbone(nn.Module):
    def __init__(self, **unet):
        super().__init__()
        self.unet = UNet2DConditionModel(**unet)
        self.vae = nn.Conv2d(3, 4, 1).requires_grad_(False)


class Model(nn.Module):
    def __init__(self, **unet):
        super().__init__()
        self.backbone = Backbone(**unet)
        self.head = nn.Sequential(nn.Conv2d(32, 8, 1), nn.BatchNorm2d(8))


class Small(nn.Module):
    """Two layers, a norm and a parameter of the model itself."""

    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(3))
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.norm = nn.LayerNorm(3)


class Tied(Small):
    """One layer has a second name."""

    def __init__(self):
        super().__init__()
        self.tied = nn.Sequential(self.first)


@pytest.fixture(scope='module')
def model():
    """A UNet with SD's block layout and few channels."""
    return Model(block_out_channels=(32, 32, 32, 32), cross_attention_dim=16)


def build(model, lr=8e-5, weight_decay=1e-3, optimizer='AdamW', **paramwise):
    optimizer = dict(type=optimizer, lr=lr, weight_decay=weight_decay)
    cfg = dict(
        constructor='MergedOptimWrapperConstructor',
        optimizer={key: value for key, value in optimizer.items() if value is not None},
    )
    if paramwise:
        cfg['paramwise_cfg'] = paramwise
    return build_optim_wrapper(model, cfg)


def options_by_name(model, optim_wrapper):
    """``{name: (lr, weight decay)}``, one entry per trained parameter."""
    options = {
        id(param): (group['lr'], group['weight_decay'])
        for group in optim_wrapper.param_groups
        for param in group['params']
    }
    return {
        name: options[id(param)]
        for name, param in model.named_parameters()
        if id(param) in options
    }


def group_count(optim_wrapper):
    return len(optim_wrapper.optimizer.param_groups)


def test_released_vpd_recipe(model):
    optim_wrapper = build(model, custom_keys=RELEASED_KEYS)
    assert group_count(optim_wrapper) == 3
    found = options_by_name(model, optim_wrapper)
    kinds = {
        'down_blocks.1.attentions.1.transformer_blocks.0.norm2.weight': (8e-5, 0.0),
        'up_blocks.1.attentions.2.norm.bias': (8e-5, 0.0),
        'mid_block.attentions.0.norm.weight': (8e-5, 0.0),
        'up_blocks.1.resnets.0.norm1.weight': (8e-6, 1e-3),
        'mid_block.resnets.0.norm2.bias': (8e-6, 1e-3),
        'conv_in.weight': (8e-6, 1e-3),
        'down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight': (
            8e-6,
            1e-3,
        ),
    }
    for name, expected in kinds.items():
        assert found[f'backbone.unet.{name}'] == pytest.approx(expected), name
    assert found['head.0.weight'] == found['head.1.bias'] == (8e-5, 1e-3)


def test_released_vpd_recipe_at_full_size():
    """SD 1.5 has 128 such norm tensors with 99,840 values."""
    with torch.device('meta'):
        model = Model(cross_attention_dim=768)
    groups = build(model, custom_keys=RELEASED_KEYS).optimizer.param_groups
    assert len(groups) <= 8
    (norms,) = [group for group in groups if group['weight_decay'] == 0]
    assert len(norms['params']) == 128
    assert sum(param.numel() for param in norms['params']) == 99_840
    assert norms['lr'] == 8e-5


def test_options_equal_the_default_constructor(model):
    """Only the grouping differs from MMEngine's constructor."""
    paramwise = dict(
        custom_keys=RELEASED_KEYS, norm_decay_mult=0.5, bias_lr_mult=2.0,
        bias_decay_mult=0.0,
    )  # fmt: skip
    cfg = dict(
        optimizer=dict(type='AdamW', lr=8e-5, weight_decay=1e-3),
        paramwise_cfg=paramwise,
    )
    default = build_optim_wrapper(model, cfg)
    merged = build(model, **paramwise)
    assert options_by_name(model, merged) == options_by_name(model, default)
    assert group_count(default) > 100
    assert group_count(merged) == len(set(options_by_name(model, default).values()))


def test_order_is_that_of_the_model(model):
    first, second = (build(model, custom_keys=RELEASED_KEYS) for _ in range(2))
    position = {id(p): i for i, p in enumerate(model.parameters())}
    orders = [
        [
            [position[id(p)] for p in group['params']]
            for group in w.optimizer.param_groups
        ]
        for w in (first, second)
    ]
    assert orders[0] == orders[1]
    assert all(order == sorted(order) for order in orders[0])
    starts = [order[0] for order in orders[0]]
    assert starts == sorted(starts)


@pytest.mark.parametrize('paramwise', [{}, dict(norm_decay_mult=1.0)])
def test_frozen_parameters_are_left_out(model, paramwise):
    optim_wrapper = build(model, **paramwise)
    assert group_count(optim_wrapper) == 1
    trained = options_by_name(model, optim_wrapper)
    assert not any('vae' in name for name in trained)
    assert len(trained) == sum(p.requires_grad for p in model.parameters())


def test_schedulers_and_steps_work_on_merged_groups():
    model = Small()
    optim_wrapper = build(
        model, lr=1.0, weight_decay=0.0, optimizer='SGD',
        custom_keys={'second': dict(lr_mult=0.1)},
    )  # fmt: skip
    scheduler = PolyLR(optim_wrapper, power=1.0, eta_min=0, end=5)
    before = {name: param.detach().clone() for name, param in model.named_parameters()}
    optim_wrapper.update_params(sum(param.sum() for param in model.parameters()))
    scheduler.step()
    groups = optim_wrapper.optimizer.param_groups
    assert [group['lr'] for group in groups] == pytest.approx([0.75, 0.075])
    for name, param in model.named_parameters():
        step = 0.1 if name.startswith('second') else 1.0
        torch.testing.assert_close(before[name] - param, torch.full_like(param, step))


def test_state_resumes(model):
    optim_wrapper = build(model, custom_keys=RELEASED_KEYS)
    state = optim_wrapper.state_dict()
    other = build(model, custom_keys=RELEASED_KEYS)
    other.load_state_dict(state)
    assert options_by_name(model, other) == options_by_name(model, optim_wrapper)


def test_further_options_split_groups():
    groups = build(
        Small(),
        custom_keys={
            'first': dict(betas=(0.5, 0.9)),
            'second': dict(lr_mult=1),
            'norm': dict(decay_mult=1.0),
        },
    ).optimizer.param_groups
    assert [group['betas'] for group in groups] == [(0.9, 0.999), (0.5, 0.9)]
    assert [len(group['params']) for group in groups] == [5, 2]


def test_parameter_of_the_model_itself_matches():
    optim_wrapper = build(Small(), custom_keys={'gamma': dict(lr_mult=0.5)})
    assert [len(g['params']) for g in optim_wrapper.optimizer.param_groups] == [1, 6]


def test_shared_parameter_is_trained_once():
    groups = build(Tied()).optimizer.param_groups
    assert [len(group['params']) for group in groups] == [7]


def test_shared_parameter_with_two_options():
    keys = {'tied': dict(lr_mult=0.1)}
    with pytest.raises(
        ValueError, match='first.weight.*tied.0.weight.*bypass_duplicate'
    ):
        build(Tied(), custom_keys=keys)
    groups = build(Tied(), custom_keys=keys, bypass_duplicate=True)
    assert group_count(groups) == 1


@pytest.mark.parametrize(
    ('key', 'suggestion'),
    [
        ('backbone.unett', "'backbone.unet'"),
        ('atentions.0.norm', "'attentions.0.norm'"),
        ('text_encoder', 'names are like'),
    ],
)
def test_key_that_matches_nothing(model, key, suggestion):
    with pytest.raises(ValueError, match=f"custom key '{key}' occurs in none") as error:
        build(model, custom_keys={'backbone.unet': dict(lr_mult=0.1), key: {}})
    assert suggestion in str(error.value)


def test_key_of_frozen_parameters_is_fine(model):
    build(model, custom_keys={'vae': dict(lr_mult=0.0)})


def test_missing_learning_rate(model):
    with pytest.raises(ValueError, match=r"\['backbone'\] scale the learning rate"):
        build(model, lr=None, custom_keys={'backbone': dict(lr_mult=0.1)})
    assert group_count(build(model, lr=None)) == 1


def test_nothing_to_train():
    with pytest.raises(ValueError, match='Linear has no parameter with requires_grad'):
        build(nn.Linear(2, 2).requires_grad_(False))


def test_one_table_and_no_line_per_parameter(model):
    records = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: records.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    try:
        build(model, custom_keys=RELEASED_KEYS)
    finally:
        logger.removeHandler(handler)
    (table,) = records
    assert 'Optimizer groups' in table
    cells = [line.replace('|', ' ').split() for line in table.splitlines()]
    rows = [row for row in cells if row and row[0].isdigit()]
    assert [row[:3] for row in rows] == [
        ['0', '8e-06', '0.001'],
        ['1', '8e-05', '0'],
        ['2', '8e-05', '0.001'],
    ]
    trained = [param for param in model.parameters() if param.requires_grad]
    assert sum(int(row[3]) for row in rows) == len(trained)
    values = sum(int(row[4].replace(',', '')) for row in rows)
    assert values == sum(param.numel() for param in trained)
    assert rows[2][5] == 'head.0.weight'


def test_only_the_main_process_prints(model, monkeypatch):
    monkeypatch.setattr(
        'diffmm.engine.optimizers.merged_optim_wrapper_constructor.is_main_process',
        lambda: False,
    )
    printed = []
    monkeypatch.setattr(
        'diffmm.engine.optimizers.merged_optim_wrapper_constructor.print_log',
        lambda *args, **kwargs: printed.append(args),
    )
    build(model, custom_keys=RELEASED_KEYS)
    assert not printed


def test_is_registered_in_the_root_registry():
    found = OPTIM_WRAPPER_CONSTRUCTORS.module_dict['MergedOptimWrapperConstructor']
    assert found is MergedOptimWrapperConstructor


class Vectors(nn.Module):
    """Vectors of every kind beside matrices."""

    def __init__(self):
        super().__init__()
        self.unet = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
        self.head = nn.Sequential(nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2))
        self.gamma = nn.Parameter(torch.ones(3))
        self.frozen = nn.Parameter(torch.ones(3), requires_grad=False)


def build_undecayed(model, **paramwise):
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
    model = Vectors()
    optimizer = build_undecayed(model, custom_keys={'unet': dict(lr_mult=0.01)})
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


def test_undecayed_without_custom_keys():
    groups = build_undecayed(Vectors()).param_groups
    assert sorted(group['weight_decay'] for group in groups) == [0.0, 0.1]


def test_undecayed_errors_are_those_of_the_base_class():
    with pytest.raises(ValueError, match="custom key 'unett' occurs in none"):
        build_undecayed(Vectors(), custom_keys={'unett': dict(lr_mult=0.01)})


def test_flat_pieces_of_fsdp_are_refused(tmp_path):
    """To the optimizer every one of them is a vector."""
    distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/store', rank=0, world_size=1
    )
    try:
        model = FullyShardedDataParallel(
            Vectors(), device_id=torch.device('cpu'), use_orig_params=True
        )
        with pytest.raises(ValueError, match='flat pieces .*DDPStrategy'):
            build_undecayed(model)
    finally:
        distributed.destroy_process_group()
