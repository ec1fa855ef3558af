"""Results of released generative perception on the tiny model of `tests.parity`.

``data/parity/generative.npz`` holds what Marigold (``mg.*``) computes, in float32 on a
CPU; ``instruct.npz`` what InstructPix2Pix (``ip2p.*``) and referring segmentation
(``ris.*``) do, and ADDP's formula of guidance (``guide.*``); ``addp.npz`` ADDP's other
formulas in double precision (``addp.*``), E2E-FT (``e2e.*``), GenPercept (``gp.*``) and
Marigold's evaluation (``eval.*``). Inputs and weights follow the recipe of
`tests.parity`; the networks are seeded by diffusers' names.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from diffmm.diffusion.text_encoder import as_text_model, text_tower
from tests import parity

TOLERANCE = 1e-4
GRADIENTS = 1e-3


# Files of the systems' arrays.
FILES = dict(
    **dict(mg='generative', ip2p='instruct', ris='instruct', guide='instruct'),
    **dict.fromkeys(('addp', 'e2e', 'gp', 'eval'), 'addp'),
)


@lru_cache(maxsize=3)
def _arrays(file: str) -> dict[str, np.ndarray]:
    with np.load(parity.DATA / f'{file}.npz') as arrays:
        return dict(arrays)


def array(name: str, system: str = 'mg') -> np.ndarray:
    """A reference array as it is stored."""
    return _arrays(FILES[system])[f'{system}.{name}']


def tensor(name: str) -> Tensor:
    """A reference array as a tensor."""
    return torch.from_numpy(array(name))


def error(actual: Tensor, name: str) -> float:
    """Largest difference from a reference, relative to its largest magnitude."""
    expected = tensor(name).float()
    assert actual.shape == expected.shape
    return parity.relative_error(actual.detach().float(), expected)


def assert_close(actual: Tensor, name: str, tolerance: float = TOLERANCE) -> None:
    """Compares with a reference."""
    found = error(actual, name)
    assert found < tolerance, f'mg.{name} is off by {found:.1e}'


def picture(name: str, height: int, width: int) -> np.ndarray:
    """A picture of the recipe, RGB (H, W, 3) uint8."""
    rows, columns = -(-height // 8), -(-width // 8)
    coarse = parity.random_state(f'{name}.coarse').standard_normal((rows, columns, 3))
    coarse = coarse.repeat(8, 0).repeat(8, 1)[:height, :width]
    fine = parity.random_state(f'{name}.fine').standard_normal((height, width, 3))
    return np.clip(np.rint(128 + 55 * coarse + 8 * fine), 0, 255).astype(np.uint8)


def to_input(image: np.ndarray) -> Tensor:
    """A picture as a network sees it, (1, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1


def fill(module: nn.Module) -> nn.Module:
    """Fills a network with the recipe's parameters, by their bare names."""
    state = {
        name: parity.parameter(name, tuple(value.shape))
        for name, value in module.state_dict().items()
        if value.is_floating_point()
    }
    module.load_state_dict(state, strict=False)
    return module


def write_folder(folder, channels: int = 8):
    """Writes the tiny model as a diffusers folder; ``channels`` of the UNet's input."""
    arch = parity.ARCHITECTURE
    unet = UNet2DConditionModel(**arch['unet'], in_channels=channels)
    fill(unet).save_pretrained(folder / 'unet')
    fill(AutoencoderKL(**arch['vae'])).save_pretrained(folder / 'vae')
    text = text_tower(CLIPTextModel(CLIPTextConfig(**arch['text_encoder'])))
    as_text_model(fill(text)).save_pretrained(folder / 'text_encoder')
    return folder
