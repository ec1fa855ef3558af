"""Bringing latents to the scale that Stable Diffusion's have."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL


@torch.no_grad()
def rescale_latents(vae: AutoencoderKL, std: float) -> None:
    """Makes ``scaling_factor`` the inverse of the latents' standard deviation.

    The convolutions around the latents take the factor, so images and reconstructions
    stay the same. With the factor of the architecture (0.18215 for Stable Diffusion
    and ``mini``), whatever a perception method does to Stable Diffusion's latents,
    scaling them or not, means the same to these.

    Args:
        vae: The trained first stage, changed in place.
        std: Standard deviation of its latents now.

    Raises:
        ValueError: The standard deviation is not positive.
    """
    if not std > 0:
        raise ValueError(f'the standard deviation must be positive, got {std}')
    factor = 1.0 / (std * vae.config.scaling_factor)
    channels = vae.config.latent_channels
    # The first half of the channels is the mean, the second the log variance.
    vae.quant_conv.weight[:channels] *= factor
    vae.quant_conv.bias[:channels] *= factor
    vae.quant_conv.bias[channels:] += 2 * torch.tensor(factor).log()
    vae.post_quant_conv.weight /= factor
