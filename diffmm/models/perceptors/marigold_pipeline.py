"""A trained depth perceptor as diffusers' Marigold."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL, MarigoldDepthPipeline

from diffmm.diffusion import (
    DenoisingSampler,
    ImageAutoencoder,
    TextEncoder,
    load_tokenizer,
)
from diffmm.diffusion.text_encoder import as_text_model

from ..prompts import NullPrompt
from .depth_codec import AffineDepthCodec
from .diffusion_perceptor import DiffusionPerceptor


def as_marigold_pipeline(
    model: DiffusionPerceptor,
    text_encoder: TextEncoder,
    processing_resolution: int = 0,
) -> MarigoldDepthPipeline:
    """Puts a perceptor's parts into diffusers' pipeline, without copying them.

    Args:
        model: The perceptor.
        text_encoder: That of the weights which its training started from. The pipeline
            encodes the empty text by itself.
        processing_resolution: Longest side that the pipeline resizes pictures to, when
            a call does not say; 0 leaves them. Marigold: 768.

    Returns:
        The pipeline. It pads, denoises and ensembles as the model does.

    Raises:
        ValueError: A part of the model is not Marigold's.
    """
    parts = dict(
        codec=isinstance(model.codec, AffineDepthCodec),
        condition=model.condition.image_first and model.condition.scaled,
        prompt=isinstance(model.prompt, NullPrompt) and not model.prompt.padded,
        trainable=not hasattr(model.unet, 'peft_config'),
        sampler=isinstance(model.sampler, DenoisingSampler),
    )
    wrong = [name for name, fits in parts.items() if not fits]
    if wrong:
        raise ValueError(
            f"diffusers' MarigoldDepthPipeline cannot run this model: its {wrong} "
            "differ from Marigold's (an AffineDepthCodec; scaled latents of the image "
            'first; NullPrompt(padded=False); no adapters; several steps)'
        )
    return MarigoldDepthPipeline(
        unet=model.unet,
        vae=plain_vae(model.vae),
        scheduler=model.sampler.build_scheduler(),
        text_encoder=as_text_model(text_encoder.model),
        tokenizer=load_tokenizer(),
        prediction_type='depth',
        scale_invariant=True,
        shift_invariant=True,
        default_denoising_steps=model.sampler.steps,
        default_processing_resolution=processing_resolution,
    )


def plain_vae(vae: ImageAutoencoder) -> AutoencoderKL:
    """Gives diffusers its own class, which a folder names, with the same tensors.

    Args:
        vae: The VAE. What is in half precision is converted: diffusers has one dtype
            for both halves.

    Returns:
        The same as ``diffusers.AutoencoderKL``.
    """
    with torch.device('meta'):
        plain = AutoencoderKL.from_config(vae.config)
    plain.load_state_dict(vae.state_dict(), assign=True)
    return plain.float().requires_grad_(False).eval()
