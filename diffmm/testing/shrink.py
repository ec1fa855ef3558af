"""Sizes of a host's config that only cost time."""

from __future__ import annotations

from typing import Any

from mmengine.config import Config


def shrink_images(cfg: Config, side: int) -> None:
    """Makes a config take images of ``side`` pixels where it names a size.

    Only what pads, resizes or cuts images in the model is changed: the preprocessor's
    ``size``, batch augmentations and sliding windows; random resizing, which asks the
    runner for the iteration, is left out. Pose estimators keep their sizes,
    which their codecs and heads depend on.

    Args:
        cfg: Config of mmseg, mmdet or mmpose; modified.
        side: Height and width in pixels.
    """
    preprocessor = cfg.model.get('data_preprocessor') or {}
    augments = [
        each
        for each in preprocessor.get('batch_augments') or []
        if 'random_size_range' not in each
    ]
    if 'batch_augments' in preprocessor:
        preprocessor['batch_augments'] = augments or None
    if cfg.default_scope == 'mmpose':
        return
    for node in (preprocessor, *augments):
        if node.get('size') is not None:
            node['size'] = (side, side)
    _shrink_window(cfg.model.get('test_cfg') or {}, side)


def _shrink_window(test_cfg: dict[str, Any], side: int) -> None:
    if test_cfg.get('mode') == 'slide':
        test_cfg.update(crop_size=(side, side), stride=(side // 2, side // 2))
