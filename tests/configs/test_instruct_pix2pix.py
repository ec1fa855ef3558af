"""InstructPix2Pix's configs for referring segmentation, and a tiny training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from diffmm.apis.shipped import SHIPPED
from diffmm.mini_world import generate
from tests import tiny
from tests.configs.shipped import PATHS, is_mini, load, names

ALL = names('addp', 'instruct-pix2pix')
MINI = 'instruct-pix2pix_mini_ris_1xb16-500_mini-refcoco-128x128'
ADDP = f'{MINI}_addp'
SIDE = 64


def test_every_row_of_table_2_has_a_config():
    for prior in ('sd15', 'sd20'):
        for data in ('refcoco', 'refcoco+', 'g-ref'):
            for part in ('', '_sampling', '_augmentation', '_addp'):
                name = f'instruct-pix2pix_{prior}_ris_8xb32-60e_{data}-256x256{part}'
                cfg = load(name)
                assert cfg.train_cfg.max_epochs == 60
                folder = 'refcocog' if data == 'g-ref' else data
                assert cfg.test_dataloader.dataset.dataset == folder
                kinds = [hook.type for hook in cfg.custom_hooks]
                assert ('TimestepSamplingHook' in kinds) == (part in _SAMPLING)
                assert ('TargetAugmentationHook' in kinds) == (part in _AUGMENTED)
                # Noise, or clean latents where the target is corrupted.
                predicted = cfg.model.objective.schedule.prediction_type
                assert (predicted == 'sample') == (part in _AUGMENTED)


def test_rows_of_table_5_and_figure_8_take_20_epochs():
    name = 'instruct-pix2pix_sd15_ris_8xb32-20e_refcoco-256x256'
    for prefix in (name, MINI):
        for part in ('', '_loss-scaling', '_sampling', '_statistics'):
            cfg = load(prefix + part)
            hooks = [h for h in cfg.custom_hooks if h.type == 'TimestepSamplingHook']
            found = [(h.weights, h.get('use'), 'statistics' in h) for h in hooks]
            assert found == _CONTRIBUTIONS[part]
    for part in (*_CONTRIBUTIONS, '_addp_half', '_addp', '_addp_double'):
        assert load(name + part).train_cfg.max_epochs == 20


_CONTRIBUTIONS = {
    '': [],
    '_loss-scaling': [('schedule', 'loss', False)],
    '_sampling': [('schedule', None, False)],
    '_statistics': [('uniform', None, True)],
}
_SAMPLING, _AUGMENTED = ('_sampling', '_addp'), ('_augmentation', '_addp')


@pytest.mark.parametrize('name', ALL)
def test_pictures_are_neither_flipped_nor_cropped(name):
    """A flip turns left into right; a crop cuts things off."""
    cfg = load(name)
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        pipeline = [step.type for step in loader.dataset.pipeline]
        assert not {'RandomFlip', 'RandomCrop'} & set(pipeline)
        # A sentence is drawn at every visit in training; the test has all of them.
        assert ('DrawExpression' in pipeline) == (loader is cfg.train_dataloader)
        assert 'sample_idx' in loader.dataset.pipeline[-1].meta_keys
    assert cfg.model.dropout == dict(text=0.05, both=0.05, image=0.05)
    tested = cfg.test_dataloader.dataset
    assert tested.test_mode and (is_mini(name) or 'indices' not in tested)


def test_intensities_of_figure_8():
    found = {
        part: load(f'{ADDP}{part}').custom_hooks[-1].get('intensity', 1.0)
        for part in ('_half', '', '_double')
    }
    assert found == {'_half': 0.5, '': 1.0, '_double': 2.0}


def test_shipped_checkpoints_belong_to_configs():
    assert all(each.config in PATHS for each in SHIPPED.values())


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp('data') / 'refcoco'
    generate(root, 'refcoco', num_train=6, num_val=4, size=SIDE)
    return root


def shrink(cfg: Config, data: Path, work_dir: Path, iters: int = 4) -> Config:
    """The same experiment with a tiny network on pictures of 64 pixels."""
    cfg.work_dir, cfg.launcher = str(work_dir), 'none'
    cfg.experiment_name = cfg.visualizer.name = f'{work_dir.name}_{iters}'
    cfg.model.update(arch=tiny.ARCHITECTURE, pretrained=None)
    cfg.model.sampler.update(steps=2)
    cfg.optim_wrapper.enabled = False
    cfg.train_cfg.update(max_iters=iters, val_interval=4)
    cfg.default_hooks.checkpoint.interval = 2
    cfg.default_hooks.visualization.draw = False
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
        loader.dataset.update(data_root=str(data), indices=None)
        for step in loader.dataset.pipeline:
            if step.type == 'Resize':
                step.scale = (SIDE, SIDE)
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.indices = 4
    return cfg


def train(cfg: Config) -> tuple[torch.nn.Module, dict]:
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    return runner.model, runner.message_hub.log_scalars


@pytest.mark.slow
def test_training_validates_in_both_frames_and_resumes(data, tmp_path):
    whole, log = train(shrink(load(ADDP), data, tmp_path / 'whole'))
    frames = ('network', 'original')
    assert {f'val/referring/{frame}/oIoU' for frame in frames} <= set(log)
    train(shrink(load(ADDP), data, tmp_path / 'killed', iters=2))
    cfg = shrink(load(ADDP), data, tmp_path / 'killed')
    cfg.resume = True
    cfg.train_cfg.val_interval = 8  # has been seen to work
    resumed, _ = train(cfg)
    for key, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[key], value, msg=key)
