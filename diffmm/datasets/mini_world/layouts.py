"""The layouts in which the mini world can be written."""

from __future__ import annotations

from .ade20k_layout import Ade20kLayout

LAYOUTS = {'ade20k': Ade20kLayout}


def check_layout(name: str) -> None:
    """Raises ValueError for a layout that does not exist."""
    if name not in LAYOUTS:
        raise ValueError(f'unknown layout {name!r}, choose from {sorted(LAYOUTS)}')
