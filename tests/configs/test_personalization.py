"""Textual inversion and DreamBooth: their configs train, and their results open."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner

from diffmm.diffusion.weights import read_words
from tests import tiny
from tests.configs.shipped import is_mini, load, names

ALL = names('personalization')
# One of each method; the others differ in pictures and steps.
TRAINED = [name for name in ALL if 'mini-night' in name]


@pytest.fixture(scope='module')
def prior(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('prior') / 'tiny')


def shrink(name: str, prior: Path, folder: Path):
    """The same experiment with a tiny network on three pictures of 64 pixels."""
    cfg = load(name)
    pictures = folder / 'pictures'
    pictures.mkdir(parents=True, exist_ok=True)
    for index in range(3):
        pixels = np.random.default_rng(index).integers(0, 60, (64, 64, 3), np.uint8)
        cv2.imwrite(str(pictures / f'{index}.png'), pixels)
    cfg.model.update(arch=tiny.ARCHITECTURE, pretrained=str(prior))
    cfg.train_dataloader.update(batch_size=2, num_workers=1, persistent_workers=False)
    cfg.train_dataloader.dataset.update(
        data_root=str(pictures), data_prefix=dict(img_path=''), size=64, num_pictures=3
    )
    cfg.train_cfg.max_iters = 4
    cfg.default_hooks.checkpoint.interval = 2
    cfg.custom_hooks[-1].folder = str(folder / 'result')
    cfg.work_dir = str(folder / 'work')
    cfg.experiment_name = cfg.visualizer.name = f'{name}_{folder}'
    cfg.launcher = 'none'
    return cfg


def train(cfg):
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    return runner.model


@pytest.mark.parametrize('name', TRAINED)
def test_trains_and_writes_what_it_learned(name, prior, tmp_path):
    cfg = shrink(name, prior, tmp_path)
    model = train(cfg)
    result = tmp_path / 'result'
    if 'textual-inversion' in name:
        (vector,) = read_words(result).values()
        assert torch.equal(vector, model.vectors[0].detach())
        options = dict(learned_words=[result])
    elif name.endswith('_lora'):
        options = dict(lora=[result])
    else:
        options = dict(pretrained=str(result))
        cfg.experiment_name = cfg.visualizer.name = f'{cfg.experiment_name} again'
        with pytest.raises(FileExistsError, match='holds a model already'):
            train(cfg)
    backbone = tiny.build_backbone(**{'pretrained': str(prior), **options})
    with torch.no_grad():
        assert backbone.eval()(tiny.image())[0].isfinite().all()


@pytest.mark.slow
def test_a_resumed_training_learns_the_same_word(prior, tmp_path):
    (name,) = [name for name in TRAINED if 'textual-inversion' in name]
    whole = train(shrink(name, prior, tmp_path / 'whole'))
    cfg = shrink(name, prior, tmp_path / 'parts')
    cfg.train_cfg.max_iters = 2
    train(cfg)
    cfg = shrink(name, prior, tmp_path / 'parts')
    cfg.resume = True
    cfg.experiment_name = cfg.visualizer.name = f'{cfg.experiment_name} resumed'
    resumed = train(cfg)
    assert torch.equal(resumed.vectors, whole.vectors)


@pytest.mark.parametrize('name', [name for name in ALL if not is_mini(name)])
def test_recipes_of_the_paper(name):
    """Steps and learning rates of the supplement's tables, and of its text (D.1)."""
    cfg = load(name)
    steps, rate = cfg.train_cfg.max_iters, cfg.optim_wrapper.optimizer.lr
    if name.startswith('textual'):
        assert (steps, rate) == (1000 if '-1k_' in name else 3000, 5e-4)
        assert cfg.model.word in ('<night>', '<watercolor>', '<comic>')
    elif name.endswith('_lora'):
        assert cfg.model.trainable.type == 'lora'
    else:
        assert (steps, rate) == ((500, 2e-6) if '-500_' in name else (1000, 5e-6))
    # As Stable Diffusion was trained.
    assert cfg.model.visible_padding_share == 1 and cfg.model.mid_share == 0
