"""The cross-attention maps of every layer of a UNet, one by one."""

from __future__ import annotations

import re

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from .attention import cross_attention_with_map
from .feature_unet import FeatureUNet

_LAYER = re.compile(
    r'(?:(down|up)_blocks\.(\d+)|mid_block)\.attentions\.(\d+)\..*attn2'
)
_ORDER = ('down', 'mid', 'up')
# Side of the finest map of a 512x512 picture, which VPD and TADP name maps after.
_REFERENCE_SIDE = 64


@torch.no_grad()
def layer_attention_maps(
    unet: UNet2DConditionModel, latents: Tensor, context: Tensor, timestep: int = 1
) -> dict[str, Tensor]:
    """Runs a pass and takes the maps of all cross-attention layers.

    TADP, supplement A. The released analysis names 14 of the 16 layers of Stable
    Diffusion, so its labels are shifted behind the middle block, and the last two
    layers are missing from its averages.

    Args:
        unet: The UNet, with or without its output layer.
        latents: Latents of one picture, shape (1, 4, h, w).
        context: What is attended to, shape (1, N, D).
        timestep: Noise level that the UNet is told (TADP: 1).

    Returns:
        Head-averaged probabilities (N, h', w') by layer, in the order of the pass:
        ``'down64.0'``, ``'down64.1'``, ``'down32.0'``, ..., ``'mid8.0'``,
        ``'up16.0'``, ..., ``'up64.2'``. The number is the side of the map for a
        picture of 512x512, as `AttentionRequest` counts.
    """
    last = len(unet.config.block_out_channels) - 1
    found: dict[tuple[int, int, str], Tensor] = {}
    handles = []
    for name, module in unet.named_modules():
        match = _LAYER.fullmatch(name)
        if not match:
            continue
        stage, block, index = match[1] or 'mid', int(match[2] or 0), int(match[3])
        level = {'down': block, 'mid': last, 'up': last - block}[stage]
        key = (_ORDER.index(stage), block, f'{stage}{_REFERENCE_SIDE >> level}.{index}')
        shape = _grid(latents, level)

        def record(attention, arguments, options, key=key, shape=shape):
            attended = options['encoder_hidden_states']
            _, probabilities = cross_attention_with_map(
                attention, arguments[0], attended, gradient=False
            )
            found[key] = probabilities[0].T.unflatten(1, shape)  # (N, h', w')

        handles.append(module.register_forward_pre_hook(record, with_kwargs=True))
    try:
        if isinstance(unet, FeatureUNet):
            unet(latents, context, timestep)
        else:
            unet(latents, timestep, context)
    finally:
        for handle in handles:
            handle.remove()
    return {key[2]: found[key] for key in sorted(found, key=_place)}


def _place(key: tuple[int, int, str]) -> tuple[int, int, int]:
    return (*key[:2], int(key[2].rsplit('.', 1)[1]))


def _grid(latents: Tensor, level: int) -> tuple[int, int]:
    height, width = latents.shape[-2:]
    return height >> level, width >> level
