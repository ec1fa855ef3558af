"""Stable Diffusion's network configurations, which need no download."""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig

_FOLDER = Path(__file__).parent / 'architectures'
_PARTS = ('unet', 'vae', 'text_encoder')
# Of a name that is misspelled to the right one: 'block_out_chanels' has 0.97.
_SIMILARITY = 0.9


@dataclass(frozen=True)
class Architecture:
    """Configurations of the three networks of a Stable Diffusion model.

    Attributes:
        name: Its name in error messages.
        unet: A ``diffusers.UNet2DConditionModel`` configuration.
        vae: A ``diffusers.AutoencoderKL`` configuration.
        text_encoder: A ``transformers.CLIPTextConfig``.
    """

    name: str
    unet: Mapping[str, Any]
    vae: Mapping[str, Any]
    text_encoder: Mapping[str, Any]

    @property
    def context_width(self) -> int:
        """Width D of the context that cross-attention attends to."""
        return self.unet['cross_attention_dim']


def architecture_names() -> tuple[str, ...]:
    """Lists the names that ``load_architecture`` knows.

    Returns:
        ``mini`` (about a tenth of SD's channels, for 128-pixel images), ``sd15``
        (all of SD1.x) and ``sd21`` (SD2.0 and SD2.1).
    """
    return tuple(sorted(folder.name for folder in _FOLDER.iterdir()))


def load_architecture(architecture: str | Mapping[str, Any]) -> Architecture:
    """Reads an architecture that comes with the package, or takes one of your own.

    Args:
        architecture: A name of ``architecture_names``, or a mapping with the keys
            ``unet``, ``vae`` and ``text_encoder``, each a diffusers or transformers
            configuration.

    Returns:
        The architecture.

    Raises:
        ValueError: On an unknown name, or a mapping with a missing or strange part or a
            misspelled setting.
    """
    if isinstance(architecture, Mapping):
        missing = [part for part in _PARTS if part not in architecture]
        if missing:
            raise ValueError(
                f'a custom architecture needs the parts {_PARTS}; missing: {missing}'
            )
        strange = [part for part in architecture if part not in _PARTS]
        if strange:
            raise ValueError(
                f'a custom architecture has the parts {_PARTS}, got {strange} too'
            )
        for part in _PARTS:
            _refuse_misspelled(part, architecture[part])
        return Architecture('custom', **{part: architecture[part] for part in _PARTS})
    if architecture not in architecture_names():
        raise ValueError(
            f'unknown architecture {architecture!r}; choose one of '
            f'{architecture_names()} (every SD1.x is sd15, every SD2.x is sd21)'
        )
    folder = _FOLDER / architecture
    parts = {part: json.loads((folder / f'{part}.json').read_text()) for part in _PARTS}
    return Architecture(architecture, **parts)


def _refuse_misspelled(part: str, settings: Mapping[str, Any]) -> None:
    """Refuses settings that diffusers and transformers would replace by defaults.

    Both ignore unknown names: other versions of them have written those of their own
    into configs. One that nearly is a known name is a mistake.
    """
    known = _known_settings(part)
    for name in settings:
        close = difflib.get_close_matches(name, known, n=1, cutoff=_SIMILARITY)
        if name not in known and close:
            raise ValueError(
                f'the {part} of the custom architecture has no setting {name!r}; did '
                f'you mean {close[0]!r}?'
            )


@cache
def _known_settings(part: str) -> frozenset[str]:
    if part == 'text_encoder':
        return frozenset(CLIPTextConfig().to_dict())
    kind = UNet2DConditionModel if part == 'unet' else AutoencoderKL
    return frozenset(inspect.signature(kind.__init__).parameters)
