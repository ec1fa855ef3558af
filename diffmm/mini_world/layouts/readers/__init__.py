"""Data sets that read the layouts: the hosts' own, and DiffMM's where no host has one.

Each knows the number of samples of the real data set.
"""

from __future__ import annotations

from pathlib import Path

from ..reader import Reader
from .depth import DEPTH
from .objects import OBJECTS
from .pictures import PICTURES
from .segmentation import SEGMENTATION

READERS: dict[str, Reader] = {**SEGMENTATION, **OBJECTS, **DEPTH, **PICTURES}
"""By layout; a second word tells two readers of a layout apart."""


def layout_readers(layout: str) -> dict[str, Reader]:
    """Readers of one layout, by name.

    Args:
        layout: Key of `LAYOUTS`.
    """
    return {
        name: reader for name, reader in READERS.items() if name.split()[0] == layout
    }


def dataset_configs(root: str | Path) -> dict[str, dict]:
    """Configs of the data sets that read a world of all layouts.

    Args:
        root: Folder of the world.

    Returns:
        By reader: the training split if it has labels, else the test set.
    """
    return {
        name: reader.build_config(Path(root) / name.split()[0])
        for name, reader in READERS.items()
    }
