"""Trained checkpoints and probes that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from safetensors.torch import load_file
from torch import Tensor

from diffmm.diffusion import WeightsError

_FOLDER = Path(__file__).parent / 'trained'


class ShippedCheckpoint(NamedTuple):
    """A checkpoint that comes with the package.

    Attributes:
        name: What predictors and tools call it, in the place of a file.
        config: Name of the shipped config that it was trained with.
    """

    name: str
    config: str

    @property
    def path(self) -> Path:
        """Its file, of `read_compact`'s kind.

        Raises:
            WeightsError: This installation lacks it.
        """
        path = _FOLDER / f'{self.name}.safetensors'
        if not path.is_file():
            raise WeightsError(
                f'{self.name!r} names a checkpoint that belongs to DiffMM, but this '
                f'installation has none at {path}. Install a complete package, or '
                f'train {self.config}'
            )
        return path


REFERRING = ShippedCheckpoint(
    'mini-referring', 'instruct-pix2pix_mini_ris_1xb16-1500_mini-refcoco-128x128_addp'
)
SHIPPED = {each.name: each for each in (REFERRING,)}


def read_probe(path: Path, kind: str) -> dict[str, Tensor]:
    """Reads a probe that comes with the package.

    Args:
        path: Its file.
        kind: ``'depth'`` or ``'name'``, which names its tool.

    Returns:
        Its tensors.

    Raises:
        FileNotFoundError: This installation lacks it.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f'the {kind} probe belongs to DiffMM, but this installation has none at '
            f'{path}. Install a complete package, or fit it with '
            f'tools/fit_{kind}_probe.py'
        )
    return load_file(path)
