"""The training of `mini-captioner`: its words, its scenes, and that it resumes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from diffmm.mini_world import OBJECT_CLASSES, STYLES, SceneSampler, name_style
from diffmm.mini_world.language.captions import write_plain_caption
from diffmm.mini_world.language.vocabulary import COUNTS, PLURALS
from diffmm.utils.scalars import read_scalars
from tests import tiny
from tests.configs.shipped import load
from tests.datasets.captioning.tiny_captioners import MINI

NAME = 'mini-captioner_1xb32-1k_mini-world-128x128'


def shrink(work_dir: Path, iters: int = 4) -> Config:
    """The same experiment with a tiny network and few scenes."""
    cfg = load(NAME)
    cfg.work_dir = str(work_dir)
    cfg.launcher = 'none'
    cfg.experiment_name = f'{work_dir}_{iters}'
    cfg.visualizer.name = cfg.experiment_name
    cfg.model.update(encoder=dict(MINI['encoder']), size=64)
    cfg.model.decoder.update(MINI['decoder'])
    cfg.train_cfg.update(max_iters=iters, val_interval=iters)
    cfg.default_hooks.checkpoint.interval = 2
    cfg.default_hooks.logger.interval = 1
    cfg.param_scheduler[0].end = cfg.param_scheduler[1].begin = 1
    cfg.param_scheduler[1].end = 4
    for split in ('train', 'val'):
        cfg[f'{split}_dataloader'].update(
            batch_size=2, num_workers=0, persistent_workers=False
        )
        cfg[f'{split}_dataloader'].dataset.update(num_scenes=6, size=64)
    cfg.test_dataloader = cfg.val_dataloader
    return cfg


def train(cfg: Config) -> torch.nn.Module:
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    return runner.model


def test_killed_training_resumes_to_the_same_losses(tmp_path):
    torch.manual_seed(0)
    whole = train(shrink(tmp_path / 'whole'))
    train(shrink(tmp_path / 'halves', iters=2))
    cfg = shrink(tmp_path / 'halves')
    cfg.resume = True
    resumed = train(cfg)
    expected = read_scalars(tmp_path / 'whole', 'loss')
    assert list(expected) == [1, 2, 3, 4]
    assert read_scalars(tmp_path / 'halves', 'loss') == pytest.approx(expected)
    torch.testing.assert_close(
        dict(resumed.named_parameters()), dict(whole.named_parameters())
    )
    assert 0 <= read_scalars(tmp_path / 'whole', 'nouns/recall')[4] <= 1


def test_it_knows_the_words_of_the_plain_captions_and_no_other():
    cfg = load(NAME)
    assert tuple(cfg.nouns) == tuple(OBJECT_CLASSES)
    sampler, used = SceneSampler(0), set()
    for index in range(300):
        caption = write_plain_caption(sampler.sample('train', index))
        for style in STYLES:
            used |= set(name_style(caption, style).replace(',', ' ,').split())
    words = set(cfg.words)
    assert used <= words
    # Rare: four or five of a kind, or several of the largest.
    assert words - used <= {*COUNTS.values(), *PLURALS.values()}


def test_no_experiment_sees_its_scenes():
    """Perception has the seed 0, pre-training 1000, their figures 2000 and 3000."""
    cfg = load(NAME)
    seeds = {cfg[f'{split}_dataloader'].dataset.seed for split in ('train', 'val')}
    assert seeds == {4000}
    assert set(cfg.styles) == set(STYLES)
