"""Marigold's configs: the released recipe, and a training of a tiny network."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import PARAM_SCHEDULERS
from mmengine.runner import Runner

from diffmm.apis import RelativeDepthPredictor
from diffmm.mini_world import generate
from tests import tiny
from tests.configs.shipped import load, names
from tests.parity_generative import array

FULL = 'marigold-v1-0_sd20_depth_1xb2-30k_hypersim-vkitti2'
MINI = 'marigold-v1-0_mini_depth_1xb16-300_mini-hypersim-vkitti2'
ONE_STEP = 'marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2'
SIDE = 64


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp('data')
    for layout in ('hypersim', 'vkitti2'):
        generate(root / f'mini_{layout}', layout, num_train=8, num_val=2, size=SIDE)
    return root


def shrink(cfg: Config, data: Path, work_dir: Path, iters: int = 4) -> Config:
    """The same experiment with a tiny network on pictures of 64 pixels."""
    cfg.work_dir, cfg.launcher = str(work_dir), 'none'
    cfg.experiment_name = cfg.visualizer.name = f'{work_dir.name}_{iters}'
    cfg.model.update(arch=tiny.ARCHITECTURE, pretrained=None)
    if cfg.model.sampler is not None:
        cfg.model.sampler.update(steps=2)
    cfg.optim_wrapper.enabled = False
    cfg.train_cfg.update(max_iters=iters, val_interval=4)
    cfg.default_hooks.checkpoint.interval = 2
    cfg.default_hooks.visualization.draw = False
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False)
        for part in loader.dataset.datasets:
            part.data_root = str(data / Path(part.data_root).name)
            for step in part.pipeline:
                if step.type == 'KBCrop':
                    step.crop_size = (48, SIDE)
                if step.type == 'NearestExactResize':
                    step.scale = (SIDE, SIDE)
    cfg.train_dataloader.batch_size = 2
    return cfg


def train(cfg: Config) -> tuple[torch.nn.Module, dict]:
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    return runner.model, runner.message_hub.log_scalars


def test_the_learning_rate_is_the_released_one():
    cfg = load(FULL)
    count = cfg.optim_wrapper.accumulative_counts
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedulers = []
    for law in cfg.param_scheduler:
        # In steps of the optimizer instead of batches.
        law.update(begin=law.begin // count, end=law.end // count + 1)
        if 'gamma' in law:
            law.gamma **= count
        law.optimizer = optimizer
        schedulers.append(PARAM_SCHEDULERS.build(law))
    rates = []
    for _ in range(30000):
        rates.append(optimizer.param_groups[0]['lr'])
        for scheduler in schedulers:
            scheduler.step()
    numbers = array('lr.n')
    np.testing.assert_allclose(
        np.array(rates)[numbers], array('lr.factor'), rtol=1e-5, atol=1e-7
    )


def test_the_versions_differ_in_schedule_and_steps():
    first, second = (load(name).model for name in (FULL, FULL.replace('v1-0', 'v1-1')))
    assert first.objective.schedule == dict(prediction_type='v_prediction')
    assert second.objective.schedule.rescale_betas_zero_snr
    assert second.objective.schedule.timestep_spacing == 'trailing'
    assert (first.sampler.steps, second.sampler.steps) == (50, 1)


@pytest.mark.parametrize('name', names('addp', 'marigold'))
def test_pictures_of_two_sizes_never_share_a_batch(name):
    cfg = load(name)
    loader = cfg.train_dataloader
    assert loader.batch_sampler.type == 'SourceBatchSampler'
    shares = (0.5, 0.5) if '_mini' in name else (0.9, 0.1)
    assert loader.batch_sampler.shares == shares


@pytest.mark.parametrize('name', [ONE_STEP, pytest.param(MINI, marks=pytest.mark.slow)])
def test_training_validates_resumes_and_predicts(name, data, tmp_path):
    whole, log = train(shrink(load(name), data, tmp_path / 'whole'))
    assert {'val/abs_rel', 'val/d1'} <= set(log)
    train(shrink(load(name), data, tmp_path / 'killed', iters=2))
    cfg = shrink(load(name), data, tmp_path / 'killed')
    cfg.resume = True
    cfg.train_cfg.val_interval = 8  # has been seen to work
    resumed, _ = train(cfg)
    for key, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[key], value, msg=key)

    # A picture of any size, without depth, by the file alone.
    picture = tmp_path / 'photo.jpg'
    pixels = np.random.default_rng(0).integers(0, 256, (100, 140, 3), dtype=np.uint8)
    cv2.imwrite(str(picture), pixels)
    cfg.dump(tmp_path / 'config.py')
    checkpoint = tmp_path / 'whole' / 'iter_4.pth'
    predictor = RelativeDepthPredictor(
        tmp_path / 'config.py', checkpoint, steps=1, ensemble=3
    )
    result = predictor(picture)
    assert predictor.model.sampler.steps == 1
    assert result.depth.shape == result.uncertainty.shape == (100, 140)
    assert 0 <= result.depth.min() and result.depth.max() <= 1
    assert result.uncertainty.max() > 0
