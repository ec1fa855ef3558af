"""A tiny Stable Diffusion of the real topology, and what tests do with it."""

from __future__ import annotations

import logging
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from mmengine.logging import MMLogger
from mmengine.registry import MODELS
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

import diffmm  # noqa: F401  registers the modules

WIDTH = 16
CLASSES = ['cat', 'traffic light', 'sky_scraper']

UNET = dict(
    block_out_channels=[16, 16, 32, 32],
    down_block_types=['CrossAttnDownBlock2D'] * 3 + ['DownBlock2D'],
    up_block_types=['UpBlock2D'] + ['CrossAttnUpBlock2D'] * 3,
    layers_per_block=2,
    norm_num_groups=8,
    cross_attention_dim=WIDTH,
    attention_head_dim=2,
    use_linear_projection=False,
)
# What SD2.x changes: linear projections, and a number of heads for every level.
LINEAR_UNET = UNET | dict(attention_head_dim=[2, 4, 4, 8], use_linear_projection=True)
VAE = dict(
    block_out_channels=[8, 8, 16, 16],
    down_block_types=['DownEncoderBlock2D'] * 4,
    up_block_types=['UpDecoderBlock2D'] * 4,
    layers_per_block=1,
    norm_num_groups=4,
    latent_channels=4,
)
TEXT_ENCODER = dict(
    vocab_size=49408,
    hidden_size=WIDTH,
    intermediate_size=2 * WIDTH,
    projection_dim=WIDTH,
    num_hidden_layers=2,
    num_attention_heads=2,
    max_position_embeddings=77,
    hidden_act='quick_gelu',
    bos_token_id=49406,
    eos_token_id=49407,
    pad_token_id=49407,
)
ARCHITECTURE = dict(unet=UNET, vae=VAE, text_encoder=TEXT_ENCODER)


def backbone_config(**options: object) -> dict:
    """Config of a tiny backbone: three classes, pooled features, VPD's adapter."""
    prompt = dict(
        type='ClassNamePrompt', classes=CLASSES, adapter=dict(type='TextAdapter')
    )
    config = dict(
        type='StableDiffusionBackbone', arch=deepcopy(ARCHITECTURE), prompt=prompt
    )
    return config | options


def build_backbone(seed: int = 0, **options: object) -> nn.Module:
    """Builds it with weights that depend on the seed alone."""
    torch.manual_seed(seed)
    backbone = MODELS.build(backbone_config(**options))
    if backbone.pretrained is not None:
        with quiet():
            backbone.init_weights()
    return backbone


def image(height: int = 64, width: int = 64, batch: int = 1) -> Tensor:
    """Images of the range that Stable Diffusion expects, (B, 3, H, W)."""
    generator = torch.Generator().manual_seed(height + width)
    return torch.rand(batch, 3, height, width, generator=generator) * 2 - 1


def text_model(**options: object) -> CLIPTextModel:
    """A tiny text tower with random weights."""
    return CLIPTextModel(CLIPTextConfig(**TEXT_ENCODER | options)).eval()


def write_folder(folder: Path, seed: int = 1, **variant: str) -> Path:
    """Saves a tiny random model as diffusers does: unet, vae and text encoder."""
    torch.manual_seed(seed)
    template = _template(seed, tuple(variant.items()))
    return shutil.copytree(template.name, folder, dirs_exist_ok=True)


@cache
def _template(seed: int, variant: tuple) -> TemporaryDirectory:
    template = TemporaryDirectory(prefix='tiny_diffusion_')
    parts = dict(
        unet=UNet2DConditionModel(**UNET),
        vae=AutoencoderKL(**VAE),
        text_encoder=text_model(),
    )
    for name, part in parts.items():
        part.save_pretrained(Path(template.name, name), **dict(variant))
    return template


def block_network(monkeypatch) -> list[tuple]:
    """Makes every connection fail; the list that is returned logs the attempts."""
    attempts = []

    def refuse(*arguments: object, **options: object) -> None:
        attempts.append(arguments)
        raise OSError('the network is unreachable')

    for name in ('connect', 'connect_ex'):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ('create_connection', 'getaddrinfo'):
        monkeypatch.setattr(socket, name, refuse)
    return attempts


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps mmengine from logging a line for every parameter it initializes."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def count_parameters(module: nn.Module) -> int:
    """Number of parameters of a module."""
    return sum(parameter.numel() for parameter in module.parameters())


def assert_same_features(actual, expected, tolerance: float = 1e-5) -> None:
    """Compares two pyramids map by map, relative to the largest magnitude."""
    assert len(actual) == len(expected)
    for one, other in zip(actual, expected, strict=True):
        assert one.shape == other.shape
        scale = other.abs().max().item()
        torch.testing.assert_close(one, other, rtol=0, atol=tolerance * scale)
