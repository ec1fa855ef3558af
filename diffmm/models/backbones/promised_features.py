"""Features of zeros, of the shapes that a backbone promises."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .features import DiffusionFeatures
from .padding import MIN_SIDE

if TYPE_CHECKING:
    from .stable_diffusion_backbone import StableDiffusionBackbone


def promise_features(
    backbone: StableDiffusionBackbone, height: int, width: int
) -> DiffusionFeatures:
    """Makes what the backbone would return, without running it.

    Whoever checks necks and heads before there are weights, or without paying for a
    pass, feeds them with it. Necks that want more than maps find the context, and may
    ask for as many refinement steps as the real features lead to.

    Args:
        backbone: The backbone.
        height: Height of the image.
        width: Width of the image.

    Returns:
        Features of one image. Maps, latents and predictions are zeros, the context is
        the prompt's own.
    """
    device = next(backbone.parameters()).device
    maps = [
        torch.zeros(
            1,
            info.channels,
            -(-height // info.stride),
            -(-width // info.stride),
            device=device,
        )
        for info in backbone.feature_info
    ]
    # Padded images, as the UNet takes them.
    unit = MIN_SIDE // backbone.vae.stride
    sides = [-(-side // MIN_SIDE) * unit for side in (height, width)]
    latents = torch.zeros(1, backbone.unet.config.in_channels, *sides, device=device)
    context = backbone.prompt(1, backbone.prompt.example_texts(1))
    return _features(latents, backbone=backbone, maps=maps, context=context)


def _features(
    latents: Tensor,
    backbone: StableDiffusionBackbone,
    maps: list[Tensor],
    context: Tensor,
    step: int = 0,
) -> DiffusionFeatures:
    attended = backbone.prompt.at_step(context, step) if step else context
    denoise = partial(_features, backbone=backbone, maps=maps, context=context)
    prediction = latents if step + 1 < backbone.refinement_steps else None
    return DiffusionFeatures(maps, attended, {}, latents, denoise, prediction)
