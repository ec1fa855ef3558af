"""ADDP's depth configs: what they change, and the zero-shot test on five sets."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.registry import HOOKS, MODELS, PARAM_SCHEDULERS
from mmengine.runner import Runner

from diffmm.mini_world import generate
from tests import tiny
from tests.configs.shipped import is_mini, load, names, plain
from tests.configs.test_marigold import SIDE, shrink
from tests.differing_keys import differing_keys
from tests.models.perceptors.test_diffusion_perceptor import samples

TAIL = '_mini_depth_1xb16-300_mini-hypersim-vkitti2'
MARIGOLD = f'marigold-v1-0{TAIL}'
FAMILIES = ('addp', 'marigold', 'e2e-ft', 'genpercept')
PARTS = ('TimestepSamplingHook', 'TargetAugmentationHook')
RUNNER = dict(iter=0, rank=1, logger=None)
SETS = ('nyu', 'kitti', 'eth3d', 'scannet', 'diode')


def hooks(name: str) -> list[str]:
    return [hook.type for hook in load(name).custom_hooks]


def test_rows_differ_from_marigold_by_hooks_and_loss_space():
    both = ['TimestepSamplingHook', 'TargetAugmentationHook']
    rows = {'addp': both, 'addp-sampling': both[:1], 'addp-augmentation': both[1:]}
    for name, added in rows.items():
        assert hooks(name + TAIL) == hooks(MARIGOLD) + added
        keys = differing_keys(plain(name + TAIL), plain(MARIGOLD))
        assert {key.split('.')[0] for key in keys} == {'model', 'custom_hooks'}
        objective = load(name + TAIL).model.objective
        assert objective.pop('loss_space') == 'sample'
        assert objective == load(MARIGOLD).model.objective


@pytest.mark.parametrize(
    ('name', 'steps'),
    [
        ('e2e-ft_sd20_depth_1xb2-20k_hypersim-vkitti2', 20000),
        ('genpercept_sd21_depth_1xb8-30k_hypersim-vkitti2', 25000),
    ],
)
def test_the_learning_rate_of_one_step_models(name, steps):
    """From 0 to the rate in 100 steps, to a hundredth at the end."""
    cfg = load(name)
    count = cfg.optim_wrapper.accumulative_counts
    assert cfg.train_dataloader.batch_size * count == 32
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    laws = []
    for law in cfg.param_scheduler:
        law.update(begin=law.begin // count, end=law.end // count + 1)
        if 'gamma' in law:
            law.gamma **= count
        laws.append(PARAM_SCHEDULERS.build(dict(law, optimizer=optimizer)))
    rates = {}
    for step in range(steps + 1):
        rates[step] = optimizer.param_groups[0]['lr']
        for law in laws:
            law.step()
    assert rates[0] < 1e-6 and rates[100] == pytest.approx(1)
    assert rates[steps] == pytest.approx(0.01, rel=1e-3)


def draw(root: Path, layouts: tuple[str, ...], num_train: int) -> Path:
    for layout in layouts:
        folder = root / f'mini_{layout}'
        generate(folder, layout, num_train=num_train, num_val=1, size=SIDE)
    return root


@pytest.mark.slow
def test_zero_shot_on_five_sets(tmp_path):
    worlds = draw(tmp_path / 'data', SETS, num_train=1)
    cfg = shrink(load(f'addp{TAIL}'), worlds, tmp_path)
    sources = [part.source for part in cfg.test_dataloader.dataset.datasets]
    assert sources == list(SETS)
    with tiny.quiet():
        figures = Runner.from_cfg(cfg).test()
    for source in SETS:
        for key in ('abs_rel', 'd1', 'i_rmse', 'silog'):
            assert 0 <= figures[f'{source}/{key}'] < 1e4


@pytest.mark.slow
@pytest.mark.parametrize('name', ['e2e-ft', 'genpercept'])
def test_one_step_models_train(name, tmp_path):
    worlds = draw(tmp_path / 'data', ('hypersim', 'vkitti2'), num_train=4)
    cfg = shrink(load(name + TAIL), worlds, tmp_path, iters=1)
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    assert {'val/abs_rel', 'val/d1'} <= set(runner.message_hub.log_scalars)


FULL_SIZE = [name for name in names('addp', '_depth_') if name.startswith(FAMILIES)]


@pytest.mark.parametrize('name', [name for name in FULL_SIZE if not is_mini(name)])
def test_full_size_depth_configs_build_and_train_a_step(name):
    """With small networks in the place of Stable Diffusion 2's."""
    cfg = load(name)
    cfg.model.update(arch=tiny.ARCHITECTURE, pretrained=None)
    model = MODELS.build(cfg.model).train()
    added = [HOOKS.build(each) for each in cfg.custom_hooks if each.type in PARTS]
    for hook in added:
        hook.before_train(SimpleNamespace(model=model, hooks=added, **RUNNER))
    total = sum(model.loss(tiny.image(64, 64, 2), samples()).values())
    total.backward()
    assert total.isfinite() and model.unet.conv_in.weight.grad.any()
    # GenPercept's network sees the image alone.
    assert model.unet.config.in_channels == (4 if 'genpercept' in name else 8)


def test_full_size_sets_have_their_known_lengths():
    parts = load('addp_sd20_depth_1xb2-30k_hypersim-vkitti2').test_dataloader.dataset
    assert [part.expected_lines for part in parts.datasets] == [654, 652, 454, 800, 771]
