"""The depth experiments: recipe, training step, prediction, and a whole run."""

from __future__ import annotations

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.hub import get_config
from mmengine.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.runner import Runner

from diffmm.mini_world import generate
from tests.configs.networks import (
    build,
    make_batch,
    options_of_parameters,
    prepare_run,
    shrink,
    unused_parameters,
)
from tests.configs.shipped import load, without_scopes

FULL = 'vpd_sd15_depth_3xb8-25e_nyu-480x480'
SHORT = 'vpd_sd15_depth_3xb8-1e_nyu-480x480'
MINI = 'vpd_mini_depth_1xb8-2e_mini-nyu-96x96'
HOST = 'vpd_sd15_mmseg-depth_4xb8-25k_nyu-480x480'
MINI_HOST = 'vpd_mini_mmseg-depth_1xb8-1k_mini-nyu-96x96'
SMALL = (96, 96)


class RecordRates(Hook):
    """Remembers the highest learning rate of every iteration."""

    def __init__(self) -> None:
        self.rates = []

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        groups = runner.optim_wrapper.param_groups
        self.rates.append(max(group['lr'] for group in groups))


@pytest.mark.parametrize('name', [FULL, HOST])
def test_the_prompt_has_27_scenes(name):
    with torch.device('meta'):
        backbone = MODELS.build(load(name).model.backbone)
    assert len(backbone.prompt.embeddings) == 27


@pytest.mark.parametrize('name', [FULL, MINI, HOST, MINI_HOST])
def test_the_loss_reaches_the_text_adapter(name):
    cfg = shrink(load(name))
    model = build(cfg).train()
    batch = model.data_preprocessor(make_batch(cfg, *SMALL), training=True)
    loss, log = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert loss.isfinite() and 'decode.loss_silog' in log
    assert not unused_parameters(model)
    assert model.backbone.prompt.adapter.gamma.grad.abs().sum() > 0


@pytest.mark.parametrize('name', [FULL, HOST])
def test_prediction_depends_on_the_scene(name):
    cfg = shrink(load(name))
    model = build(cfg).eval()
    with torch.no_grad():
        # An untrained adapter and bias: make the text count.
        model.backbone.prompt.adapter.gamma.fill_(1)
        depths = []
        for scene, number in (('kitchen', 6), ('study', 3), ('kitchen', 6)):
            torch.manual_seed(0)
            batch = make_batch(cfg, 96, 128)
            for sample in batch['data_samples']:
                sample.set_metainfo(dict(scene=scene, category_id=number))
            results = model.test_step(batch)
            depths.append(torch.stack([r.pred_depth_map.data for r in results]))
    assert depths[0].shape == (2, 1, 96, 128)
    assert depths[0].min() > 0 and depths[0].max() < 10
    assert torch.equal(depths[0], depths[2]) and not torch.equal(*depths[:2])


def test_recipe():
    """Learning rate and decay of a parameter of every kind."""
    cfg = shrink(load(FULL))
    wrapper = dict(cfg.optim_wrapper)
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type=wrapper.pop('constructor'),
            paramwise_cfg=wrapper.pop('paramwise_cfg'),
            optim_wrapper_cfg=wrapper,
        )
    )
    model = build(cfg)
    optimizer = constructor(model).optimizer
    assert len(optimizer.param_groups) == 4
    found = options_of_parameters(optimizer)
    unet, head = model.backbone.unet, model.decode_head
    block = unet.down_blocks[0].attentions[1].transformer_blocks[0]
    released = {
        block.attn2.to_k.weight: (5e-6, 0.1),
        block.norm2.weight: (5e-6, 0.0),
        unet.down_blocks[0].resnets[0].norm1.weight: (5e-6, 0.0),
        unet.down_blocks[0].resnets[0].conv1.bias: (5e-6, 0.0),
        model.backbone.prompt.adapter.gamma: (5e-4, 0.0),
        head.conv_aggregation[0].weight: (5e-4, 0.1),
        head.conv_aggregation[0].bias: (5e-4, 0.0),
        head.depth_pred_layer[2].weight: (5e-4, 0.1),
    }
    for parameter, options in released.items():
        assert found[id(parameter)] == pytest.approx(options)
    frozen = {id(parameter) for parameter in model.backbone.vae.parameters()}
    assert not frozen & set(found)


def test_the_host_config_changes_nothing_but_the_backbone():
    ours = load(HOST).to_dict()
    theirs = get_config('mmseg::vpd/vpd_sd_4xb8-25k_nyu-480x480.py').to_dict()
    for cfg in (ours, theirs):
        cfg['model'].pop('backbone')
    ours.pop('custom_imports')
    assert without_scopes(ours) == theirs


def test_a_run_of_one_epoch_on_the_mini_world(tmp_path):
    """The schedule that the released trainer cannot start, with the mini network."""
    generate(tmp_path / 'data', 'nyu', 5, 1, size=128, seed=0)
    cfg, short = load(MINI), load(SHORT)
    cfg.train_cfg = short.train_cfg
    cfg.param_scheduler = short.param_scheduler
    prepare_run(cfg, tmp_path / 'data', tmp_path / 'work')
    runner = Runner.from_cfg(cfg)
    recorder = RecordRates()
    runner.register_hook(recorder)
    runner.train()
    assert recorder.rates == pytest.approx([5e-4, 3e-5])
    rmse = runner.message_hub.get_scalar('val/rmse').current()
    assert 0 < rmse < 10
