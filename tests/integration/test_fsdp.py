"""FlexibleRunner: replicas, and a model that is divided between two processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, STRATEGIES, init_default_scope

from diffmm.apis import read_checkpoint
from tests.integration.experiment import DETERMINISTIC, MINI, ROOT, run
from tests.loss_recorder_hook import read_losses

STRATEGY_FILES = ROOT / 'configs/_base_/strategies'
# On top of the shipped strategy: FSDP offloads gathered parameters to the CPU, where
# they are here; and MMEngine would hand it the number of a GPU.
ON_CPU = """
_here = dict(rank0_only=False, offload_to_cpu=False)
strategy = dict(
    model_wrapper=dict(device_id='cpu'),
    state_dict_cfg=dict(state_dict_config=_here, optim_state_dict_config=_here),
)
"""
# FlexibleRunner builds data and model in another order than Runner, so the same seed
# draws other weights.
MORE = {
    None: """
runner_type = 'FlexibleRunner'
strategy = dict(type='SingleDeviceStrategy')
""",
    'ddp': '',
    'fsdp': ON_CPU,
}
CONFIG = """
_base_ = {bases!r}
custom_imports = dict(
    imports=['diffmm', 'tests.loss_recorder_hook'], allow_failed_imports=False
)
train_dataloader = dict(
    batch_size={batch_size}, num_workers=0, persistent_workers=False,
    dataset=dict(data_root={data!r}))
val_dataloader = dict(
    num_workers=0, persistent_workers=False, dataset=dict(data_root={data!r}))
param_scheduler = [
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=6, by_epoch=False)]
train_cfg = dict(max_iters=4, val_interval=4)
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval=2, save_best=None))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='LossRecorderHook', path={losses!r}),
]
{deterministic}
model['backbone'] = dict(pretrained=None, gradient_checkpointing=True)
{more}
"""


def write(folder: Path, name: str, data: Path, batch_size: int, strategy: str | None):
    """Writes a config; returns it, and the file of its losses."""
    config, losses = folder / f'{name}.py', folder / f'{name}.jsonl'
    bases = [str(MINI)]
    if strategy:
        bases.append(str(STRATEGY_FILES / f'{strategy}.py'))
    text = CONFIG.format(
        bases=bases,
        data=str(data),
        losses=str(losses),
        batch_size=batch_size,
        deterministic=DETERMINISTIC,
        more=MORE[strategy],
    )
    config.write_text(text)
    return config, losses


@pytest.mark.slow
def test_a_divided_model_trains_like_a_whole_one(tmp_path, mini_data):
    """Same losses, and a complete checkpoint with the same weights."""
    one, whole = write(tmp_path, 'one', mini_data, 2, None)
    two, divided = write(tmp_path, 'two', mini_data, 1, 'fsdp')
    run(sys.executable, 'tools/train.py', one, '--work-dir', tmp_path / 'a')
    launch = ('bash', 'tools/dist_train.sh', two, 2, '--work-dir', tmp_path / 'b')
    log = run(*launch)
    assert 'mIoU' in log
    whole, losses = read_losses(whole), read_losses(divided)
    assert list(losses) == [1, 2, 3, 4]
    assert losses == pytest.approx(whole, rel=1e-4)

    states = [
        read_checkpoint(tmp_path / folder / 'iter_4.pth')['state_dict']
        for folder in ('a', 'b')
    ]
    assert [list(state) for state in states][0] == list(states[1])
    for name, value in states[0].items():
        # AdamW turns the rounding of a vanishing gradient into a step.
        torch.testing.assert_close(states[1][name], value, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_flexible_runner_with_replicas(tmp_path, mini_data):
    config, losses = write(tmp_path, 'two', mini_data, 1, 'ddp')
    log = run('bash', 'tools/dist_train.sh', config, 2, '--work-dir', tmp_path / 'b')
    assert 'mIoU' in log
    assert len(read_losses(losses)) == 4
    assert (tmp_path / 'b/iter_4.pth').is_file()


@pytest.mark.parametrize('name', ['ddp', 'fsdp', 'deepspeed'])
def test_a_strategy_is_one_more_base(name, tmp_path):
    """It parses beside the full size's bases, and its options are MMEngine's."""
    import inspect

    full = ROOT / 'configs/vpd/vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py'
    path = tmp_path / 'config.py'
    path.write_text(f'_base_ = {[str(full), str(STRATEGY_FILES / f"{name}.py")]!r}\n')
    cfg = Config.fromfile(path)
    assert cfg.runner_type == 'FlexibleRunner'
    kind = STRATEGIES.get(cfg.strategy.type)
    known = {
        name for base in kind.__mro__ for name in inspect.signature(base).parameters
    }
    assert set(cfg.strategy) - {'type'} <= known


def test_deepspeed_names_what_is_missing(monkeypatch):
    from mmengine._strategy import deepspeed

    monkeypatch.setattr(deepspeed, 'deepspeed', None)
    strategy = Config.fromfile(STRATEGY_FILES / 'deepspeed.py').strategy
    with pytest.raises(AssertionError, match='DeepSpeed is not installed'):
        STRATEGIES.build(strategy)


def test_every_unit_of_fsdp_is_called_as_a_module():
    """FSDP gathers a unit's parameters when the unit is called, and only then."""
    from diffmm.engine import diffusion_wrap_policy

    cfg = Config.fromfile(MINI)
    init_default_scope(cfg.default_scope)
    cfg.model.backbone.pretrained = None
    backbone = MODELS.build(cfg.model.backbone)
    units = {
        name: module
        for name, module in backbone.named_modules()
        if diffusion_wrap_policy(module, recurse=False, nonwrapped_numel=0)
    }
    called = set()
    for name, module in units.items():
        module.register_forward_hook(lambda *_, name=name: called.add(name))
    backbone(torch.zeros(1, 3, 64, 64))
    assert {'unet', 'vae'} < called == set(units)
    in_units = {
        id(parameter)
        for name, module in units.items()
        if name != 'unet'
        for parameter in module.parameters()
    }
    unet = list(backbone.unet.parameters())
    inside = sum(p.numel() for p in unet if id(p) in in_units)
    assert inside > 0.7 * sum(p.numel() for p in unet)
