"""Features of a diffusion backbone without the backbone."""

from __future__ import annotations

import torch

from diffmm.models.backbones import DiffusionFeatures

CHANNELS, STRIDES = [4, 6, 8, 10], [8, 16, 32, 64]
WIDTH = 16


def features(
    height=128, width=192, batch=2, prompts=3, context_width=WIDTH, num_steps=1
):
    """Maps of random values, and random prompts."""
    maps = [
        torch.randn(batch, channels, -(-height // stride), -(-width // stride))
        for channels, stride in zip(CHANNELS, STRIDES, strict=True)
    ]
    context = torch.randn(batch, prompts, context_width, requires_grad=True)
    latents = torch.randn(batch, 4, height // 8, width // 8)
    return DiffusionFeatures(
        maps, context, {}, latents, denoise=None, num_steps=num_steps
    )
