"""The control of every study of pre-training."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

from ..diffusion import load_architecture


def write_random_unet(folder: Path, pretrained: Path, arch: str, seed: int = 0) -> Path:
    """Makes a folder of weights like another, but with a random UNet.

    The image and the text encoder are links to the other's.

    Args:
        folder: Where to; kept if it is there already.
        pretrained: A folder in diffusers' layout.
        arch: Architecture of its UNet.
        seed: Of the random weights.

    Returns:
        ``folder``.
    """
    if not (folder / 'unet' / 'diffusion_pytorch_model.safetensors').is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for part in ('vae', 'text_encoder'):
            link = folder / part
            if not link.is_symlink():
                link.symlink_to((pretrained / part).resolve())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            unet = UNet2DConditionModel(**load_architecture(arch).unet)
        unet.save_pretrained(folder / '.unet.incomplete')
        (folder / '.unet.incomplete').rename(folder / 'unet')
    return folder
