"""A perceptor's training over processes, and one that is killed, with ADDP's hooks."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from diffmm.mini_world import generate
from tests import tiny
from tests.integration.experiment import ROOT, run
from tests.integration.trainings import kill_after
from tests.loss_recorder_hook import read_losses

BASE = 'configs/addp/marigold-v1-0_mini_depth_1xb16-300_mini-hypersim-vkitti2.py'
CONFIG = """
_base_ = {base!r}
custom_imports = dict(
    imports=['diffmm', 'tests.loss_recorder_hook'], allow_failed_imports=False
)
model = dict(
    arch=dict(_delete_=True, **{arch!r}), pretrained=None, sampler=dict(steps=2))
optim_wrapper = dict(enabled=False, optimizer=dict(lr=1e-4))
hypersim_train, vkitti_train = _base_.hypersim_train, _base_.vkitti_train
hypersim_val, vkitti_val = _base_.hypersim_val, _base_.vkitti_val
for part in (hypersim_train, hypersim_val):
    part.update(data_root={data!r} + '/hypersim')
for part in (vkitti_train, vkitti_val):
    part.update(data_root={data!r} + '/vkitti2')
for part in (hypersim_train, hypersim_val, vkitti_train, vkitti_val):
    part.pipeline = [each for each in part.pipeline if each.type != 'RandomFlip']
    for step in part.pipeline:
        if step.type == 'KBCrop':
            step.crop_size = (48, 64)
        if step.type == 'NearestExactResize':
            step.scale = (64, 64)
train_dataloader = dict(
    batch_size={batch_size}, dataset=dict(datasets=[hypersim_train, vkitti_train]))
val_dataloader = dict(dataset=dict(datasets=[hypersim_val, vkitti_val]))
test_dataloader = val_dataloader
train_cfg = dict(max_iters=8, val_interval=8)
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval=3),
    visualization=dict(draw=False))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.1),
    dict(type='TimestepSamplingHook', weights='schedule', floor=0.3),
    dict(type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')]),
    dict(type='LossRecorderHook', path={losses!r}),
]
"""


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp('worlds')
    for layout in ('hypersim', 'vkitti2'):
        generate(root / layout, layout, num_train=12, num_val=2, size=64)
    return root


def write(folder: Path, name: str, data: Path, batch_size: int) -> tuple[Path, Path]:
    config, losses = folder / f'{name}.py', folder / f'{name}.jsonl'
    text = CONFIG.format(
        base=str(ROOT / BASE),
        arch=tiny.ARCHITECTURE,
        data=str(data),
        batch_size=batch_size,
        losses=str(losses),
    )
    config.write_text(text)
    return config, losses


@pytest.fixture(scope='module')
def whole(tmp_path_factory, data) -> dict[int, float]:
    """Losses of a training in one process that nobody killed."""
    folder = tmp_path_factory.mktemp('whole')
    config, losses = write(folder, 'one', data, 4)
    run(sys.executable, 'tools/train.py', config, '--work-dir', folder / 'work')
    return read_losses(losses)


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one(tmp_path, data, whole):
    """Masks differ, so each process has another number of valid latents."""
    config, losses = write(tmp_path, 'two', data, 2)
    log = run('bash', 'tools/dist_train.sh', config, 2, '--work-dir', tmp_path / 'work')
    assert 'abs_rel' in log
    assert read_losses(losses) == pytest.approx(whole, rel=1e-4)


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_losses(tmp_path, data, whole, trainings):
    config, losses = write(tmp_path, 'killed', data, 4)
    kill_after(trainings.start(config, tmp_path / 'work'), losses, 5)
    assert trainings.wait() == -signal.SIGKILL
    losses.rename(tmp_path / 'before.jsonl')
    trainings.start(config, tmp_path / 'work', '--resume')
    assert trainings.wait() == 0
    resumed = read_losses(losses)
    assert min(resumed) in (4, 7) and max(resumed) == 8
    expected = {iteration: whole[iteration] for iteration in resumed}
    assert resumed == pytest.approx(expected, rel=1e-5)
