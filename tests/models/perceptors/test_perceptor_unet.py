"""The UNet of a perceptor and where its weights come from."""

from __future__ import annotations

import torch
from safetensors.torch import save_file

from diffmm.diffusion import load_architecture, open_prior
from diffmm.models.perceptors.perceptor_unet import build_unet, load_unet
from tests import parity


def test_an_original_file_gives_its_moving_average(tmp_path):
    """The released InstructPix2Pix has both, under CompVis' names."""
    prefix = 'model.diffusion_model.'
    raw = {
        name: value
        for name, value in parity.original_state_dict().items()
        if name.startswith(prefix)
    }
    first = f'{prefix}input_blocks.0.0.weight'
    raw[first] = torch.randn(32, 8, 3, 3)
    averages = {
        'model_ema.' + name.removeprefix('model.').replace('.', ''): value + 1
        for name, value in raw.items()
    }
    save_file(raw | averages, tmp_path / 'released.safetensors')
    architecture = load_architecture(parity.ARCHITECTURE)
    for use_ema, shift in ((True, 1), (False, 0)):
        unet, wide = build_unet(architecture)
        source = open_prior(tmp_path / 'released.safetensors', use_ema)
        load_unet(unet, source, wide, 'zero_image', image_first=False)
        assert torch.equal(unet.conv_in.weight, raw[first] + shift)
