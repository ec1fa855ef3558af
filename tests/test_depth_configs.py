"""The depth experiments: recipe, training step, prediction, and a whole run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.hub import get_config
from mmengine.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS, init_default_scope
from mmengine.runner import Runner
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from diffmm.mini_world import generate

VPD = Path(__file__).parents[1] / 'configs/vpd'
FULL = 'vpd_sd15_depth_3xb8-25e_nyu-480x480'
SHORT = 'vpd_sd15_depth_3xb8-1e_nyu-480x480'
MINI = 'vpd_mini_depth_1xb8-2e_mini-nyu-96x96'
HOST = 'vpd_sd15_mmseg-depth_4xb8-25k_nyu-480x480'
SMALL = (96, 96)


class RecordRates(Hook):
    """Remembers the highest learning rate of every iteration."""

    def __init__(self) -> None:
        self.rates = []

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        groups = runner.optim_wrapper.param_groups
        self.rates.append(max(group['lr'] for group in groups))


def load(name: str) -> Config:
    cfg = Config.fromfile(VPD / f'{name}.py')
    init_default_scope(cfg.default_scope)
    return cfg


def shrink(cfg: Config) -> Config:
    """The same network with the mini architecture, in windows of 96 pixels."""
    cfg.model.backbone.update(arch='mini', pretrained=None)
    cfg.model.decode_head.update(
        in_channels=[32, 64, 128, 128],
        embed_dim=8,
        feature_dim=64,
        num_deconv_filters=(8, 8, 8),
    )
    cfg.model.data_preprocessor.size = SMALL
    cfg.model.test_cfg.update(crop_size=SMALL, stride=(32, 32))
    return cfg


def build(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    return MODELS.build(shrink(load(name)).model)


def make_batch(size: tuple[int, int] = SMALL) -> dict:
    inputs, samples = [], []
    for scene, number in (('kitchen', 6), ('study', 3)):
        meta = dict(ori_shape=size, img_shape=size, scene=scene, category_id=number)
        sample = SegDataSample(metainfo=meta)
        sample.gt_depth_map = PixelData(data=torch.rand(1, *size) * 9)
        samples.append(sample)
        inputs.append(torch.randint(0, 256, (3, *size), dtype=torch.uint8))
    return dict(inputs=inputs, data_samples=samples)


@pytest.mark.parametrize('name', [FULL, HOST])
def test_channels_of_the_full_size_fit(name):
    cfg = load(name)
    with torch.device('meta'):
        backbone = MODELS.build(cfg.model.backbone)
    channels = [info.channels for info in backbone.feature_info]
    assert channels == cfg.model.decode_head.in_channels
    assert len(backbone.prompt.embeddings) == 27


@pytest.mark.parametrize('name', [FULL, MINI, HOST])
def test_training_step_reaches_every_parameter(name):
    model = build(name).train()
    batch = model.data_preprocessor(make_batch(), training=True)
    loss, log = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert loss.isfinite() and 'decode.loss_silog' in log
    unused = [
        parameter
        for parameter, value in model.named_parameters()
        if value.requires_grad and value.grad is None
    ]
    assert not unused
    assert model.backbone.prompt.adapter.gamma.grad.abs().sum() > 0


@pytest.mark.parametrize('name', [FULL, HOST])
def test_prediction_depends_on_the_scene(name):
    model = build(name).eval()
    with torch.no_grad():
        # An untrained adapter and bias: make the text count.
        model.backbone.prompt.adapter.gamma.fill_(1)
        depths = []
        for scene, number in (('kitchen', 6), ('study', 3), ('kitchen', 6)):
            torch.manual_seed(0)
            batch = make_batch((96, 128))
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
    model = MODELS.build(cfg.model)
    groups = constructor(model).optimizer.param_groups
    assert len(groups) == 4
    found = {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in groups
        for parameter in group['params']
    }
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


def without_scopes(value: object) -> object:
    """A config without the ``_scope_`` of a base that another package has."""
    if isinstance(value, dict):
        return {k: without_scopes(v) for k, v in value.items() if k != '_scope_'}
    if isinstance(value, (list, tuple)):
        return type(value)(without_scopes(entry) for entry in value)
    return value


def test_a_run_of_one_epoch_on_the_mini_world(tmp_path):
    """The schedule that the released trainer cannot start, with the mini network."""
    generate(tmp_path / 'data', 'nyu', 5, 1, size=128, seed=0)
    cfg = load(MINI)
    short = load(SHORT)
    cfg.train_cfg = short.train_cfg
    cfg.param_scheduler = short.param_scheduler
    cfg.work_dir = str(tmp_path / 'work')
    cfg.visualizer = dict(type='mmengine.Visualizer', name='visualizer')
    cfg.train_dataloader.update(batch_size=2, num_workers=0)
    cfg.val_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.test_dataloader = cfg.val_dataloader
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.data_root = str(tmp_path / 'data')
    cfg.custom_hooks = cfg.custom_hooks[:1]
    cfg.experiment_name = tmp_path.name
    runner = Runner.from_cfg(cfg)
    recorder = RecordRates()
    runner.register_hook(recorder)
    runner.train()
    assert recorder.rates == pytest.approx([5e-4, 3e-5])
    rmse = runner.message_hub.get_scalar('val/rmse').current()
    assert 0 < rmse < 10
