"""A copy of a host's config that runs without weights, on one CPU, in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from mmengine.config import Config

from diffmm.swapping.host_modules import without_synchronized_norms


def small_config(cfg: Config, side: int) -> Config:
    """Makes a config cheap to build and run; its architecture stays.

    Images get ``side`` pixels wherever the model pads, resizes or cuts them: the
    preprocessor's ``size``, batch augmentations, sliding windows. Pose estimators keep
    their sizes, which their codecs and heads depend on. Random resizing of batches is
    left out, because it asks the runner for the iteration. Pre-trained parts get random
    weights, synchronized batch norms become plain ones, mixed precision is off:
    PyTorch's autocast on a CPU lacks too many of the hosts' operators.

    Args:
        cfg: Config of mmseg, mmdet or mmpose; not modified.
        side: Height and width in pixels.

    Returns:
        The copy.
    """
    cfg = deepcopy(cfg)
    cfg.model = without_synchronized_norms(cfg.model)
    for node in _dicts(cfg.model):
        if 'Pretrained' in str(node.get('init_cfg')):
            node['init_cfg'] = None
    _shrink_images(cfg, side)
    wrapper = cfg.get('optim_wrapper') or {}
    if wrapper.get('type') == 'AmpOptimWrapper':
        wrapper['type'] = 'OptimWrapper'
        for name in ('loss_scale', 'dtype', 'use_fsdp'):
            wrapper.pop(name, None)
    return cfg


def _shrink_images(cfg: Config, side: int) -> None:
    preprocessor = cfg.model.get('data_preprocessor') or {}
    augments = [
        each
        for each in preprocessor.get('batch_augments') or []
        if 'random_size_range' not in each
    ]
    if 'batch_augments' in preprocessor:
        preprocessor['batch_augments'] = augments or None
    if cfg.get('default_scope') == 'mmpose':
        return
    for node in (preprocessor, *augments):
        if node.get('size') is not None:
            node['size'] = (side, side)
    test_cfg = cfg.model.get('test_cfg') or {}
    if str(test_cfg.get('mode')).startswith('slide'):
        test_cfg.update(crop_size=(side, side), stride=(side // 2, side // 2))


def _dicts(node: Any) -> Iterator[dict]:
    """Yields every dict of a nested config."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node
    for child in list(children):
        if isinstance(child, (dict, list, tuple)):
            yield from _dicts(child)
