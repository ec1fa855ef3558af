"""The pre-training of `mini`: its configs fit together, train, resume and ship."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import Runner

from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from diffmm.mini_world import MINI_CLASSES
from diffmm.utils.scalars import read_scalars
from tests import tiny
from tests.configs.shipped import load, names

VAE = 'mini-sd_vae_1xb8-2k_mini-world-128x128'
T2I = 'mini-sd_t2i_1xb32-5k_mini-world-128x128'
STYLES = 'mini-sd-styles_t2i_1xb32-2k_mini-world-128x128'
CONFIGS = names('mini_sd')


def shrink(name: str, work_dir: Path, iters: int = 4) -> Config:
    """The same experiment with a tiny network on images of 64 pixels."""
    cfg = load(name)
    cfg.work_dir = str(work_dir)
    cfg.launcher = 'none'
    # MMEngine keeps one visualizer and one logger a name.
    cfg.experiment_name = f'{name}_{work_dir}_{iters}'
    cfg.visualizer.name = cfg.experiment_name
    cfg.model.arch = tiny.ARCHITECTURE
    cfg.train_cfg.update(max_iters=iters, val_interval=iters)
    cfg.default_hooks.checkpoint.interval = 2
    cfg.default_hooks.logger.interval = 1
    cfg.param_scheduler[0].end = cfg.param_scheduler[1].begin = 1
    cfg.param_scheduler[1].end = 4
    scenes = dict(type='MiniWorldCaptionDataset', num_scenes=6, seed=1000, size=64)
    for loader, split in (('train', 'train'), ('val', 'val')):
        cfg[f'{loader}_dataloader'].update(
            batch_size=2, num_workers=0, persistent_workers=False
        )
        cfg[f'{loader}_dataloader'].dataset = scenes | dict(split=split)
    cfg.test_dataloader = cfg.val_dataloader
    if name in (T2I, STYLES):
        cfg.model.update(vae=None, pretrained=None)
        cfg.custom_hooks[-1].update(captions=['a tree'], steps=2)
        cfg.model.arch.unet['sample_size'] = 8
    return cfg


def train(cfg: Config) -> torch.nn.Module:
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    return runner.model


def test_there_are_three():
    assert CONFIGS == sorted([VAE, T2I, STYLES])


@pytest.mark.parametrize(
    'name',
    [pytest.param(n, marks=pytest.mark.slow) if 'styles' in n else n for n in CONFIGS],
)
def test_killed_training_resumes_to_the_same_losses(name, tmp_path):
    torch.manual_seed(0)
    whole = train(shrink(name, tmp_path / 'whole'))
    train(shrink(name, tmp_path / 'halves', iters=2))
    cfg = shrink(name, tmp_path / 'halves')
    cfg.resume = True
    resumed = train(cfg)
    expected = read_scalars(tmp_path / 'whole', 'loss')
    assert list(expected) == [1, 2, 3, 4]
    assert read_scalars(tmp_path / 'halves', 'loss') == pytest.approx(expected)
    torch.testing.assert_close(
        dict(resumed.named_parameters()), dict(whole.named_parameters())
    )
    metric = 'reconstruction/PSNR' if name == VAE else 'denoising/mse'
    assert read_scalars(tmp_path / 'whole', metric)[4] > 0
    pictures = list((tmp_path / 'whole').glob('*/vis_data/vis_image/*.png'))
    assert len(pictures) == 1


def test_t2i_names_the_classes_of_the_mini_world():
    cfg = load(T2I)
    assert tuple(cfg.model.captions.class_names) == MINI_CLASSES


def test_pre_training_shares_no_scene_with_perception():
    cfg = load(VAE)
    assert cfg.train_dataloader.dataset.seed == cfg.val_dataloader.dataset.seed == 1000
    assert cfg.val_dataloader.dataset.split == 'val'


def test_vae_of_a_folder_reaches_the_model(tmp_path):
    torch.manual_seed(5)
    vae = AutoencoderKL(**tiny.VAE)
    vae.save_pretrained(tmp_path / 'vae')
    cfg = shrink(T2I, tmp_path / 'work', iters=2)
    cfg.model.vae = str(tmp_path)
    model = train(cfg)
    assert torch.equal(model.vae.encoder.conv_in.weight, vae.encoder.conv_in.weight)


@pytest.mark.slow
def test_styles_go_on_from_the_shipped_model(tmp_path):
    torch.manual_seed(6)
    source = MODELS.build(dict(type='TextToImageDiffusion', arch=tiny.ARCHITECTURE))
    write_pipeline_folder(source.build_pipeline(), tmp_path / 'prior')
    assert load(STYLES).model.pretrained == 'mini'
    cfg = shrink(STYLES, tmp_path / 'work', iters=2)
    cfg.model.pretrained = str(tmp_path / 'prior')
    cfg.optim_wrapper.optimizer.lr = 0.0
    model = train(cfg)
    for part in ('unet', 'text', 'vae'):
        for (name, value), old in zip(
            getattr(model, part).named_parameters(),
            getattr(source, part).parameters(),
            strict=True,
        ):
            # The folder is in half precision.
            torch.testing.assert_close(value, old.half().float(), msg=f'{part}.{name}')
    assert model.text.seen_tokens.all(), 'none of them has an embedding of zero'
