"""Networks of the shipped dense configs in the mini size, and what feeds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import save_checkpoint
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from diffmm.apis import ImagePredictor
from tests import tiny

_FEATURE_INFO: dict[str, list] = {}
# What a picture's own text may be.
TEXT = dict(
    expression='the red ball',
    scene='kitchen',
    category_id=6,
    caption='a red ball on the grass',
    oracle_caption='ball grass',
)


def is_depth(cfg: Config) -> bool:
    """Says whether the model estimates depth."""
    return cfg.model.decode_head.type in ('VPDDepthHead', 'DeconvDepthHead')


def side(cfg: Config) -> int:
    """Pixels of a side that a shrunk network sees."""
    # VPD's depth head drops a row and a column of a canvas of 4x4 cells, 128 pixels.
    return 96 if is_depth(cfg) else 64


def feature_info(cfg: Config) -> list:
    """Maps that the backbone promises, without weights; read once for equal ones."""
    key = json.dumps(cfg.model.backbone.to_dict(), sort_keys=True)
    if key not in _FEATURE_INFO:
        with torch.device('meta'):
            _FEATURE_INFO[key] = MODELS.build(cfg.model.backbone).feature_info
    return _FEATURE_INFO[key]


def shrink(cfg: Config) -> Config:
    """The same network with the mini architecture, on small crops, on one CPU."""
    model = cfg.model
    model.backbone.update(arch='mini', pretrained=None, gradient_checkpointing=False)
    norm = dict(type='GN', num_groups=4)
    head = model.decode_head
    if model.get('neck', {}).get('type') == 'RecurrentRefinementNeck':
        inner = model.neck.neck
        inner.update(in_channels=[32, 64, 128, 128], width=128)
        channels = 128
        if inner.get('rearrange', True):
            channels = model.backbone.prompt.num_prompts
        if is_depth(cfg):
            head.update(in_channels=channels, channels=8, feature_scale=96 / 128)
            model.input_scale = 128 / 96
        else:
            head.update(in_channels=[channels] * 4, channels=8, norm_cfg=norm)
            model.auxiliary_head.update(in_channels=channels, channels=8, norm_cfg=norm)
    else:
        channels = [info.channels for info in feature_info(cfg)]
        if 'neck' in model:
            model.neck.update(in_channels=channels, out_channels=16)
            head.update(in_channels=[16] * 4, channels=16, norm_cfg=norm)
        elif is_depth(cfg):
            filters = dict(num_deconv_layers=3, num_deconv_filters=(8, 8, 8))
            head.update(in_channels=channels, embed_dim=8, feature_dim=64, **filters)
        else:
            head.update(in_channels=channels, channels=16, norm_cfg=norm)
    size = (side(cfg), side(cfg))
    model.data_preprocessor.size = size
    scale = size
    if model.test_cfg.mode != 'whole':
        model.test_cfg.update(crop_size=size, stride=(32, 32))
        scale = (4 * size[0], size[0])
    for step in cfg.test_pipeline:
        if step.type == 'Resize':
            step.scale = scale
        # Its package is not installed here.
        if step.type == 'KeepNouns':
            step.tagger = 'mini'
    return cfg


def build(cfg: Config) -> torch.nn.Module:
    """Builds it with weights that depend on nothing but the config."""
    torch.manual_seed(0)
    return MODELS.build(cfg.model)


def make_batch(cfg: Config, height: int, width: int) -> dict:
    """Two random pictures with annotations of what the config trains, and text."""
    samples = []
    for _ in range(2):
        meta = dict(ori_shape=(height, width), img_shape=(height, width), **TEXT)
        sample = SegDataSample(metainfo=meta)
        if is_depth(cfg):
            depth = torch.rand(1, height, width) * 9
            sample.gt_depth_map = PixelData(data=depth)
        else:
            classes = cfg.model.decode_head.get('num_classes', 2)
            labels = torch.randint(0, classes, (1, height, width))
            sample.gt_sem_seg = PixelData(data=labels)
        samples.append(sample)
    images = torch.randint(0, 256, (2, 3, height, width), dtype=torch.uint8)
    return dict(inputs=list(images), data_samples=samples)


def without_classes(value: Any) -> Any:
    """A model without its classes, and what `shrink` computes from their number."""
    if isinstance(value, dict):
        gone = ('classes', 'num_classes', 'dataset', 'unknown', 'in_channels')
        return {k: without_classes(v) for k, v in value.items() if k not in gone}
    if isinstance(value, (list, tuple)):
        return [without_classes(each) for each in value]
    return value


def once_a_network(check: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a check once for all configs that make the same network but for its classes.

    Many configs differ in data and schedule only. The first argument is the config.
    """
    results = {}

    @wraps(check)
    def run(cfg: Config, *arguments: object) -> Any:
        # A picture that has its text asks no file and no annotation for one.
        steps = [
            step
            for step in cfg.test_pipeline
            if not step['type'].startswith(('Load', 'Oracle'))
        ]
        parts = [without_classes(cfg.model.to_dict()), steps, cfg.default_scope]
        key = json.dumps(parts, sort_keys=True)
        if key not in results:
            results[key] = check(cfg, *arguments)
        return results[key]

    return run


@once_a_network
def assert_step_reaches_every_parameter(cfg: Config) -> None:
    """DDP runs with ``find_unused_parameters=False`` on exactly this condition."""
    model = build(cfg).train()
    size = side(cfg)
    batch = model.data_preprocessor(make_batch(cfg, size, size), training=True)
    loss, _ = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert torch.isfinite(loss)
    assert not unused_parameters(model)
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    kept = ('backbone.vae.', 'backbone.prompt.text_encoder.')
    assert all(name.startswith(kept) for name in frozen)


@once_a_network
def predicts_the_same_after_reloading(cfg: Config, folder: Path) -> bool:
    """Compares a network with its saved and reloaded copy on a file without labels.

    Text that never changes is encoded once; only an image's own text is not, and its
    encoder is in the checkpoint.
    """
    model = build(cfg)
    picture, checkpoint = folder / 'photo.jpg', folder / 'trained.pth'
    pixels = np.random.default_rng(0).integers(0, 256, (100, 128, 3), dtype=np.uint8)
    cv2.imwrite(str(picture), pixels)
    save_checkpoint(dict(state_dict=model.state_dict(), meta={}), str(checkpoint))
    cfg.dump(folder / 'config.py')
    again = ImagePredictor(folder / 'config.py', checkpoint)
    key = cfg.model.data_preprocessor.get('text_key')
    has_encoder = any('text_encoder' in name for name in model.state_dict())
    assert has_encoder == (key in ('expression', 'caption', 'oracle_caption'))
    predictions = []
    for network in (again.model, model.eval()):
        again.model = network
        result = again.predict(picture, TEXT.get(key))[1]
        field = result.pred_depth_map if is_depth(cfg) else result.seg_logits
        assert field.data.shape[1:] == pixels.shape[:2]
        predictions.append(field.data)
    return torch.equal(*predictions)


def unused_parameters(model: torch.nn.Module) -> list[str]:
    """Names of the trainable parameters without a gradient."""
    return [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.grad is None
    ]


def untouched_parameters(model: torch.nn.Module, optimizer) -> list[str]:
    """Names of the trainable parameters that an optimizer has not stepped."""
    # The optimizer's wrapper resets the gradients that it has applied to None.
    return [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and not optimizer.state[parameter]
    ]


def initialized(cfg: Config) -> torch.nn.Module:
    """Builds a network and initializes its heads."""
    model = build(cfg)
    with tiny.quiet():
        model.init_weights()
    return model


def options_of_parameters(optimizer) -> dict[int, tuple[float, float]]:
    """Learning rate and decay by the id of a parameter."""
    return {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in optimizer.param_groups
        for parameter in group['params']
    }


def prepare_run(cfg: Config, data: Path, work_dir: Path) -> None:
    """Makes a mini config train in this process, two pictures a step, on other data."""
    cfg.work_dir = str(work_dir)
    cfg.experiment_name = work_dir.parent.name
    cfg.visualizer = dict(type='mmengine.Visualizer', name='visualizer')
    cfg.train_dataloader.update(batch_size=2, num_workers=0)
    cfg.val_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.test_dataloader = cfg.val_dataloader
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.data_root = str(data)
    cfg.custom_hooks = cfg.custom_hooks[:1]
