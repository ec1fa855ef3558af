"""Tiny generative models in files, for the tools that read them."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.registry import MODELS

import diffmm  # noqa: F401
from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from tests import tiny

# Latents of 8x8 for images of 64 pixels.
ARCHITECTURE = tiny.ARCHITECTURE | dict(unet=tiny.UNET | dict(sample_size=8))
CONFIG = """
default_scope = 'mmengine'
model = dict(type={kind!r}, arch={arch!r})
scenes = dict(type='MiniWorldCaptionDataset', num_scenes=5, seed=3, size=64)
train_dataloader = dict(dataset=dict(**scenes, split='train'))
val_dataloader = dict(dataset=dict(**scenes, split='val'))
"""


def write_trained(folder: Path, kind: str) -> tuple[Path, Path, torch.nn.Module]:
    """Writes config and checkpoint of a model with random weights."""
    torch.manual_seed(0)
    model = MODELS.build(dict(type=kind, arch=ARCHITECTURE)).eval()
    config, checkpoint = folder / f'{kind}.py', folder / f'{kind}.pth'
    config.write_text(CONFIG.format(kind=kind, arch=ARCHITECTURE))
    torch.save(dict(state_dict=model.state_dict(), meta={}), checkpoint)
    return config, checkpoint, model


def write_pipeline(folder: Path) -> Path:
    """Writes a diffusers folder of a tiny model with random weights."""
    torch.manual_seed(0)
    model = MODELS.build(dict(type='TextToImageDiffusion', arch=ARCHITECTURE)).eval()
    write_pipeline_folder(model.build_pipeline(), folder)
    return folder
