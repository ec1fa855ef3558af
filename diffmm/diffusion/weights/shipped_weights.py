"""Weights that come with the package."""

from __future__ import annotations

from pathlib import Path

from .weights_error import WeightsError

SHIPPED = ('mini',)
_FOLDER = Path(__file__).parent / 'shipped'


def shipped_folder(name: str) -> Path:
    """Finds the diffusers folder of weights that the package carries.

    Args:
        name: One of ``SHIPPED``.

    Returns:
        The folder.

    Raises:
        WeightsError: This installation lacks it.
    """
    folder = _FOLDER / name
    if not (folder / 'model_index.json').is_file():
        raise WeightsError(
            f'pretrained={name!r} names weights that belong to DiffMM, but this '
            f'installation has none at {folder}. Install a complete package, or train '
            'them with tools/pretrain_mini.py'
        )
    return folder
