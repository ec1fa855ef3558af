"""The tiny model whose outputs under the reference implementations are known.

``data/parity/golden.npz`` holds what the authors' released VPD and Meta Prompts compute
with it, in float32 on a CPU. Weights and inputs follow a recipe, so none are stored:
every tensor is seeded by the CRC-32 of its name. ``data/parity/keys.json`` maps the
names of the model, in the original (CompVis) layout, to shapes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from functools import lru_cache
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DATA = Path(__file__).parent / 'data' / 'parity'
NUM_CLASSES = 7
NUM_PROMPTS = 5
NUM_STEPS = 3
WIDTH = 64
TIME_WIDTH = 128

ARCHITECTURE = dict(
    unet=dict(
        block_out_channels=[32, 64, 128, 128],
        down_block_types=['CrossAttnDownBlock2D'] * 3 + ['DownBlock2D'],
        up_block_types=['UpBlock2D'] + ['CrossAttnUpBlock2D'] * 3,
        layers_per_block=2,
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
    ),
    vae=dict(
        block_out_channels=[32, 64, 128, 128],
        down_block_types=['DownEncoderBlock2D'] * 4,
        up_block_types=['UpDecoderBlock2D'] * 4,
        layers_per_block=2,
        latent_channels=4,
    ),
    text_encoder=dict(
        vocab_size=49408,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        bos_token_id=49406,
        eos_token_id=49407,
        pad_token_id=49407,
    ),
)


def gaussian(name: str, shape: tuple[int, ...], scale: float = 1.0) -> Tensor:
    """An input of the recipe."""
    return torch.from_numpy((_draw(name, shape) * scale).astype(np.float32))


def parameter(name: str, shape: tuple[int, ...]) -> Tensor:
    """A parameter of the recipe."""
    values = _draw(name, shape)
    if len(shape) >= 2:
        values = values / np.sqrt(prod(shape[1:]))
    elif name.endswith('weight'):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return torch.from_numpy(values.astype(np.float32))


@lru_cache(maxsize=1)
def original_state_dict() -> dict[str, Tensor]:
    """The tiny model in the original layout."""
    shapes = json.loads((DATA / 'keys.json').read_text())
    return {name: parameter(name, tuple(shape)) for name, shape in shapes.items()}


def adapter_state_dict(tag: str) -> dict[str, Tensor]:
    """VPD's text adapter under our names; ``tag`` is such as ``vpd_a32``."""
    state = {
        f'mlp.{i}.{kind}': parameter(f'{tag}.text_adapter.fc.{i}.{kind}', shape)
        for i in (0, 2)
        for kind, shape in (('weight', (WIDTH, WIDTH)), ('bias', (WIDTH,)))
    }
    return state | {'gamma': torch.full((WIDTH,), 0.01)}


def class_embeddings(tag: str) -> Tensor:
    """The encoded class names, (7, 64)."""
    return gaussian(f'{tag}.class_embeddings', (NUM_CLASSES, WIDTH))


def meta_prompts() -> Tensor:
    """The prompts of all refinement steps, (5, 64)."""
    return gaussian('meta.prompts', (NUM_PROMPTS, WIDTH))


def time_embeddings() -> Tensor:
    """A time embedding for every refinement step, (3, 128)."""
    names = [f'meta.t{step}' for step in range(1, NUM_STEPS + 1)]
    return torch.cat([gaussian(name, (1, TIME_WIDTH)) for name in names])


def rearrangement_state_dict(channels: Sequence[int]) -> dict[str, Tensor]:
    """Meta Prompts' projections of every level under our names."""
    names = {'conv': 'conv', 'norm': 'gn'}
    shapes = {'bias': (WIDTH,), 'weight': (WIDTH,)}
    return {
        f'levels.{level}.{ours}.{kind}': parameter(
            f'meta.proj{level}.{theirs}.{kind}',
            (WIDTH, count, 3, 3) if (ours, kind) == ('conv', 'weight') else shape,
        )
        for level, count in enumerate(channels)
        for ours, theirs in names.items()
        for kind, shape in shapes.items()
    }


def image() -> Tensor:
    """The VPD image, (1, 3, 512, 512) in [-1, 1]."""
    return gaussian('image512', (1, 3, 512, 512), scale=0.5).clamp(-1, 1)


def meta_image() -> Tensor:
    """The Meta Prompts images, (2, 3, 448, 576) in [-1, 1]."""
    return gaussian('image448x576', (2, 3, 448, 576), scale=0.5).clamp(-1, 1)


def golden(name: str) -> tuple[Tensor, float]:
    """A reference output and the tolerance its storage allows."""
    array = np.load(DATA / 'golden.npz')[name]
    tolerance = 2e-3 if array.dtype == np.float16 else 1e-4
    return torch.from_numpy(array.astype(np.float32)), tolerance


def relative_error(actual: Tensor, expected: Tensor) -> float:
    """Largest difference, relative to the largest magnitude."""
    return ((actual - expected).abs().max() / expected.abs().max()).item()


def random_state(name: str) -> np.random.RandomState:
    """The generator that a name of the recipe seeds."""
    return np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF)


def _draw(name: str, shape: tuple[int, ...]) -> np.ndarray:
    return random_state(name).standard_normal(shape)
