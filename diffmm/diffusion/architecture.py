"""Stable Diffusion's network configurations, which need no download."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / 'architectures'
_PARTS = ('unet', 'vae', 'text_encoder')


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
        ValueError: On an unknown name or a mapping with a missing part.
    """
    if isinstance(architecture, Mapping):
        missing = [part for part in _PARTS if part not in architecture]
        if missing:
            raise ValueError(
                f'a custom architecture needs the parts {_PARTS}; missing: {missing}'
            )
        return Architecture('custom', **{part: architecture[part] for part in _PARTS})
    if architecture not in architecture_names():
        raise ValueError(
            f'unknown architecture {architecture!r}; choose one of '
            f'{architecture_names()} (every SD1.x is sd15, every SD2.x is sd21)'
        )
    folder = _FOLDER / architecture
    parts = {part: json.loads((folder / f'{part}.json').read_text()) for part in _PARTS}
    return Architecture(architecture, **parts)
