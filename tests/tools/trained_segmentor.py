"""A tiny segmentor in files, with a drawn data set, for the tools that examine one."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from tests import tiny

CONFIG = """
_base_ = {base!r}
model = dict(
    backbone=dict(arch=dict(_delete_=True, **{arch!r}), pretrained=None),
    neck=dict(in_channels={channels}, out_channels=16),
    decode_head=dict(
        in_channels=[16] * 4, channels=16, norm_cfg=dict(type='GN', num_groups=4)))
test_dataloader = dict(dataset=dict(data_root={data!r}))
"""


def write_segmentor(folder: Path, base: Path, data: Path, seed: int = 0) -> list[str]:
    """Writes config and checkpoint of an untrained model; returns their paths."""
    config, checkpoint = folder / f'{base.stem}_{seed}.py', folder / f'{seed}.pth'
    config.write_text(
        CONFIG.format(
            base=str(base),
            arch=tiny.ARCHITECTURE,
            data=str(data),
            channels=[16, 16 + 77, 32 + 77, 32],
        )
    )
    torch.manual_seed(seed)
    cfg = Config.fromfile(config)
    for step in cfg.test_dataloader.dataset.pipeline:
        if step.type == 'LoadCaption':
            step.ann_file = str(folder / 'captions.json')
    cfg.dump(config)
    with DefaultScope.overwrite_default_scope('mmseg'):
        model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), checkpoint)
    return [str(config), str(checkpoint)]


def write_captions(folder: Path, data: Path) -> None:
    """Gives every picture a caption that names some of its classes."""
    pictures = sorted((data / 'VOC2012' / 'JPEGImages').glob('*.jpg'))
    texts = ['a car and a person', 'a boat', 'a chair and a bottle']
    captions = {
        picture.stem: dict(captions=[texts[index % 3]])
        for index, picture in enumerate(pictures)
    }
    (folder / 'captions.json').write_text(json.dumps(captions))
