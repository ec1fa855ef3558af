"""The pose experiment of Meta Prompts."""

from __future__ import annotations

import pytest
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS

from tests import tiny
from tests.configs.networks import initialized, untouched_parameters
from tests.configs.shipped import load

POSE = 'meta-prompts_sd15_td-hm_8xb8-210e_coco-576x448'
MINI_POSE = 'meta-prompts_mini_td-hm_1xb16-2e_mini-coco-128x96'


@pytest.mark.parametrize('name', [POSE, MINI_POSE])
def test_the_heatmap_has_the_stride_of_the_finest_map(name):
    cfg = load(name)
    assert not cfg.model.head.deconv_out_channels
    # The backbone's stride is 8, and the rearrangement doubles its maps.
    width, height = cfg.codec.input_size
    assert cfg.codec.heatmap_size == (width / 4, height / 4)
    assert cfg.model.head.decoder == cfg.codec
    # A fraction would draw the Gaussians off their center.
    assert cfg.codec.sigma % 1 == 0
    steps = {step.type: step for step in (*cfg.train_pipeline, *cfg.test_pipeline)}
    assert steps['TopdownAffine'].input_size == cfg.codec.input_size
    assert steps['TopdownAffine'].use_udp
    assert steps['GenerateTarget'].encoder == cfg.codec


def test_the_paper_s_pose_recipe():
    cfg = load(POSE)
    assert cfg.codec.input_size == (448, 576)
    assert cfg.model.backbone.prompt == dict(type='MetaPrompts', num_prompts=150)
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.type, optimizer.lr, optimizer.weight_decay) == (
        'AdamW',
        5e-4,
        0.1,
    )
    assert optimizer.betas == (0.9, 0.999)
    assert 8 * cfg.train_dataloader.batch_size == cfg.auto_scale_lr.base_batch_size
    assert cfg.auto_scale_lr.base_batch_size == 64
    warmup, steps = cfg.param_scheduler
    assert (warmup.end, steps.milestones, steps.gamma) == (500, [170, 200], 0.1)
    assert cfg.train_cfg.max_epochs == steps.end == 210
    keys = cfg.optim_wrapper.paramwise_cfg.custom_keys
    assert keys == {'backbone.unet': dict(lr_mult=0.01)}


def test_mini_pose_learns_and_reaches_every_parameter(mini_coco):
    cfg = load(MINI_POSE)
    dataset_cfg = cfg.train_dataloader.dataset
    dataset_cfg.data_root = str(mini_coco)
    dataset = DATASETS.build(dataset_cfg)
    batch = pseudo_collate([dataset[0], dataset[1]])
    cfg.model.backbone.pretrained = None
    model = initialized(cfg).train()
    with tiny.quiet():
        wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    losses = [model.train_step(batch, wrapper)['loss'].item() for _ in range(6)]
    assert losses[-1] < 0.9 * losses[0]
    assert not untouched_parameters(model, wrapper.optimizer)
    heatmaps = model.eval()(**model.data_preprocessor(batch), mode='tensor')
    assert heatmaps.shape == (2, 17, 32, 24)
