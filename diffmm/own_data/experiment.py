"""A config for data that no shipped config knows, made of one that is shipped."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from diffmm.apis import get_config
from diffmm.swapping.measuring import promised_maps
from diffmm.utils.atomic import write_atomically

from .pictures import DataError
from .schedule import Length

# By what the data are and by the system, for each prior.
BASES = {
    ('masks', 'vpd'): dict(
        mini='vpd_mini_fpn_1xb8-600_mini-ade20k-128x128',
        sd15='vpd_sd15_fpn_8xb2-80k_ade20k-512x512',
    ),
    ('masks', 'meta_prompts'): dict(
        mini='meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128',
        sd15='meta-prompts_sd15_upernet_8xb1-80k_ade20k-512x512',
    ),
    ('masks', 'tadp'): dict(
        mini='tadp_mini_fpn_1xb8-400_mini-ade20k-128x128',
        sd15='tadp_sd15_fpn_2xb8-80k_ade20k-512x512',
    ),
    # Its features and U-head in VPD's network.
    ('masks', 'vermouth'): dict(
        mini='vpd_mini_fpn_1xb8-600_mini-ade20k-128x128',
        sd15='vpd_sd15_fpn_8xb2-80k_ade20k-512x512',
    ),
    ('coco', 'vpd'): dict(
        mini='tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-128x128_vpd',
        sd15='tadp_sd15_faster-rcnn_1xb2-100e_voc0712-512x512_vpd',
    ),
    ('coco', 'tadp'): dict(
        mini='tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-128x128',
        sd15='tadp_sd15_faster-rcnn_1xb2-100e_voc0712-512x512',
    ),
    ('coco', 'detection'): dict(
        mini='faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128',
        sd15='faster-rcnn_sd15_fpn_8xb2-12e_coco',
    ),
    ('depth', 'vpd'): dict(
        mini='vpd_mini_depth_1xb8-2e_mini-nyu-96x96',
        sd15='vpd_sd15_depth_3xb8-25e_nyu-480x480',
    ),
    ('depth', 'meta_prompts'): dict(
        mini='meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96',
        sd15='meta-prompts_sd15_depth_3xb8-25e_nyu-480x480',
    ),
    ('depth', 'tadp'): dict(
        mini='tadp_mini_depth_1xb8-2e_mini-nyu-96x96',
        sd15='tadp_sd15_depth_8xb3-25e_nyu-480x480',
    ),
    ('depth', 'marigold'): dict(
        mini='marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2',
        sd15='marigold-v1-1_sd20_depth_1xb2-30k_hypersim-vkitti2',
    ),
}
SYSTEMS = tuple(dict.fromkeys(system for _, system in BASES))
PRIORS = ('mini', 'sd15')
# What a Runner and the predictors read; a config's other names are its bases' helpers.
_KEYS = (
    *('default_scope', 'custom_imports', 'model'),
    *('train_dataloader', 'val_dataloader', 'test_dataloader', 'test_pipeline'),
    *('val_evaluator', 'test_evaluator', 'optim_wrapper', 'param_scheduler'),
    *('train_cfg', 'val_cfg', 'test_cfg', 'auto_scale_lr', 'find_unused_parameters'),
    *('default_hooks', 'custom_hooks', 'env_cfg', 'randomness', 'visualizer'),
    *('log_processor', 'log_level', 'load_from', 'resume'),
)


def base_config(data: str, system: str, prior: str) -> Config:
    """Reads the shipped config that one for other data is made of.

    Args:
        data: ``'masks'``, ``'coco'`` or ``'depth'``.
        system: One of ``SYSTEMS``.
        prior: One of ``PRIORS``.

    Returns:
        Its entries that are read, without its data sets' test-time augmentation.

    Raises:
        DataError: The system has no experiment for such data.
    """
    if (data, system) not in BASES:
        fitting = [each for kind, each in BASES if kind == data]
        others = [f'--{kind}' for kind, each in BASES if each == system]
        raise DataError(
            f'--system {system} takes {" or ".join(others)}; for --{data} '
            f'there are {", ".join(fitting)}'
        )
    cfg = get_config(BASES[data, system][prior])
    known = {key: cfg[key] for key in _KEYS if key in cfg}
    return Config(known)


def backbone_channels(cfg: Config) -> list[int]:
    """Channels of the maps that the backbone gives, with those of its attention."""
    maps = promised_maps(cfg.model.backbone, cfg.default_scope)
    return [each.channels for each in maps]


def set_data(
    cfg: Config, train: dict, val: dict, evaluator: dict | list, test_pipeline: list
) -> None:
    """Writes the data sets into a config.

    Args:
        cfg: The config, changed in place.
        train: Data set for training.
        val: Data set for validation and test.
        evaluator: Metric of both.
        test_pipeline: Pipeline of ``val``, which predictors read.
    """
    cfg.train_dataloader.dataset = train
    cfg.val_dataloader.dataset = val
    # A few pictures of different sizes.
    cfg.val_dataloader.batch_size = 1
    cfg.test_dataloader = cfg.val_dataloader
    cfg.val_evaluator = cfg.test_evaluator = evaluator
    cfg.test_pipeline = test_pipeline
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[name].num_workers = 2
    # The channels and classes above are checked again where the config is changed.
    if 'backbone' in cfg.model:
        hooks = list(cfg.get('custom_hooks') or [])
        cfg.custom_hooks = [*hooks, dict(type='FeatureContractHook')]


def write_config(cfg: Config, path: Path, command: Sequence[str]) -> None:
    """Writes a config that depends on no other file.

    Args:
        cfg: The config.
        path: The file.
        command: What made it, for its first line.
    """
    ordered: dict[str, Any] = {key: cfg[key] for key in _KEYS if key in cfg}
    text = Config(ordered).pretty_text
    # A line break in an argument would end the comment.
    made = re.sub(r'[\r\n]', ' ', shlex.join(command))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, f'# Made by: {made}\n{text}'.encode())


def next_commands(
    path: Path, length: Length, boxes: bool, picture: Path, text: str | None
) -> list[str]:
    """Writes the commands that train with a config, and draw.

    Args:
        path: The config.
        length: Length of the training.
        boxes: Whether it predicts boxes.
        picture: A picture to draw on.
        text: Text of the picture, where the model needs one.

    Returns:
        Two shell commands, quoted.
    """
    checkpoint = Path('work_dirs') / path.stem / length.checkpoint
    draw = ['demo/image_demo.py', picture, path, checkpoint]
    if text is not None:
        draw += ['--caption', text]
    if boxes:
        draw = ['tools/test.py', path, checkpoint, '--show-dir', 'painted']
    commands = (['tools/train.py', path], draw)
    return ['python ' + shlex.join(map(str, each)) for each in commands]
