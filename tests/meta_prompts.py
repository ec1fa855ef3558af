"""The configs of Meta Prompts, and their networks in the mini size."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

FOLDER = Path(__file__).parents[1] / 'configs/meta_prompts'
ALL = sorted(path.stem for path in FOLDER.glob('*.py'))
FULL = [name for name in ALL if '_sd15_' in name]
MINIS = [name for name in ALL if '_mini_' in name]
DENSE_MINIS = [name for name in MINIS if '_td-hm_' not in name]
ADE = 'meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128'
CITYSCAPES = 'meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024'
NYU = 'meta-prompts_sd15_depth_3xb8-25e_nyu-480x480'
KITTI = 'meta-prompts_sd15_depth_3xb8-25e_kitti-352x352'
MINI_NYU = 'meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96'
MINI_KITTI = 'meta-prompts_mini_depth_1xb8-1e_mini-kitti-96x96'
POSE = 'meta-prompts_sd15_td-hm_8xb8-210e_coco-576x448'
MINI_POSE = 'meta-prompts_mini_td-hm_1xb16-2e_mini-coco-128x96'
CAPTIONS = [f'{CITYSCAPES}_caption', f'{NYU}_caption']
TEXT = dict(scene='kitchen', category_id=6, caption='a red ball on the grass')


def load(name: str) -> Config:
    cfg = Config.fromfile(FOLDER / f'{name}.py')
    init_default_scope(cfg.default_scope)
    return cfg


def is_depth(cfg: Config) -> bool:
    return cfg.model.type == 'SlidingDepthEstimator'


def side(cfg: Config) -> int:
    """Pixels of a side that a shrunk network sees."""
    return 96 if is_depth(cfg) else 64


def shrink(cfg: Config) -> Config:
    """The same network with the mini architecture, on small crops, on one CPU."""
    model = cfg.model
    model.backbone.update(arch='mini', pretrained=None, gradient_checkpointing=False)
    model.neck.neck.update(in_channels=[32, 64, 128, 128], width=128)
    channels = model.backbone.prompt.get('num_prompts')
    if not model.neck.neck.get('rearrange', True):
        channels = 128
    size = (side(cfg),) * 2
    model.data_preprocessor.size = size
    model.test_cfg.update(crop_size=size, stride=(32, 32))
    if is_depth(cfg):
        model.decode_head.update(in_channels=channels, channels=8)
        model.update(input_scale=128 / 96)
        model.decode_head.feature_scale = 96 / 128
    else:
        norm = dict(type='GN', num_groups=4)
        model.decode_head.update(in_channels=[channels] * 4, channels=8, norm_cfg=norm)
        model.auxiliary_head.update(in_channels=channels, channels=8, norm_cfg=norm)
    return cfg


def build(cfg: Config) -> torch.nn.Module:
    torch.manual_seed(0)
    return MODELS.build(cfg.model)
