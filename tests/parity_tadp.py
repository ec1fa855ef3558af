"""Results of the authors' released TADP on the tiny model of `tests.parity`.

``data/parity/tadp.npz`` holds it, in float32 on a CPU. Some arrays hold every N-th
channel only, which the end of their name says: ``@cN``. ``@sN`` is every N-th row and
column.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from tests import parity

TOLERANCE = 1e-4
PASCAL = (
    *('background', 'airplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car'),
    *('cat', 'chair', 'cow', 'dining table', 'dog', 'horse', 'motorcycle', 'person'),
    *('potted plant', 'sheep', 'sofa', 'train', 'television'),
)
CAPTIONS = dict(
    short='a red ball lies on the grass next to a small dog',
    long=(
        'two people ride bicycles down a wet street at dusk while a yellow bus waits '
        'at the corner and a grey '  # codespell:ignore
        'cat sleeps on a chair near an open window'
    ),
    over=' '.join(
        [
            'a crowded harbour with boats, ropes, nets, gulls, barrels, crates, lamps, '
            'flags, bridges, stairs'
        ]
        * 5
    ),
    mixed='Aerial VIEW of 12 tents; cars & trucks beside a river... "no people"',
)


@lru_cache(maxsize=2)
def _arrays(paper: str) -> dict[str, np.ndarray]:
    with np.load(parity.DATA / f'{paper}.npz') as file:
        return dict(file)


def array(name: str, paper: str = 'tadp') -> np.ndarray:
    """A reference array as it is stored."""
    return _arrays(paper)[f'{paper}.{name}']


def is_stored(name: str, paper: str = 'tadp') -> bool:
    """Says whether there is a reference array, whole or in part."""
    return any(key.partition('@')[0] == f'{paper}.{name}' for key in _arrays(paper))


def assert_close(actual: Tensor, name: str, paper: str = 'tadp') -> None:
    """Compares with a reference, relative to its largest magnitude."""
    arrays = _arrays(paper)
    (stored,) = [
        key for key in arrays if re.fullmatch(rf'{paper}\.{re.escape(name)}(@.*)?', key)
    ]
    for kind, step in re.findall(r'@([cs])(\d+)', stored):
        step = int(step)
        actual = (
            actual[..., ::step, :, :] if kind == 'c' else actual[..., ::step, ::step]
        )
    expected = torch.from_numpy(arrays[stored])
    assert actual.shape == expected.shape
    error = parity.relative_error(actual, expected)
    assert error < TOLERANCE, f'{stored} is off by {error:.1e}'


@lru_cache(maxsize=1)
def original_state_dict() -> dict[str, Tensor]:
    """The tiny model and its text encoder in the original layout."""
    model = CLIPTextModel(CLIPTextConfig(**parity.ARCHITECTURE['text_encoder']))
    state = dict(parity.original_state_dict())
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            name = f'text_model.{name.removeprefix("text_model.")}'
            state[f'cond_stage_model.transformer.{name}'] = parity.parameter(
                name, tuple(value.shape)
            )
    return state


def image(tag: str, batch: int, side: int) -> Tensor:
    """Images of a pass, (B, 3, side, side) in [-1, 1]."""
    return parity.gaussian(f'tadp.{tag}.image', (batch, 3, side, side), 0.5).clamp(
        -1, 1
    )


def fill(module: nn.Module, names: dict[str, str]) -> nn.Module:
    """Fills a module with parameters of the recipe.

    Args:
        module: The module.
        names: What a prefix of ours is called in the reference, behind ``tadp.``.
    """
    state = {}
    for name, value in module.state_dict().items():
        prefix = max((p for p in names if name.startswith(p)), key=len)
        theirs = f'tadp.{names[prefix]}{name.removeprefix(prefix)}'
        state[name] = parity.parameter(theirs, tuple(value.shape))
    module.load_state_dict(state)
    return module


def adapter_state_dict(tag: str) -> dict[str, Tensor]:
    """TADP's text adapter under our names; ``tag`` is ``depth`` or ``det``."""
    return parity.adapter_state_dict(f'tadp.{tag}')
