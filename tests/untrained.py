"""A model with random weights in files, for whatever reads a trained one."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope


def write_untrained(folder: Path, text: str) -> list[str]:
    """Writes config and checkpoint of an untrained model; returns their paths.

    Args:
        folder: Where they go.
        text: The config.
    """
    config, checkpoint = folder / 'config.py', folder / 'trained.pth'
    config.write_text(text)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmseg'):
        model = MODELS.build(Config.fromfile(config).model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), checkpoint)
    return [str(config), str(checkpoint)]
