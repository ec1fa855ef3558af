"""Files that are either whole or absent."""

from __future__ import annotations

import os
from pathlib import Path

TEMPORARY_SUFFIX = '.tmp'


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file under a temporary name and then gives it its own.

    A reader, or a rerun after an interruption, never sees a part of the file.

    Args:
        path: File to write; its folder exists.
        data: Its content.

    Raises:
        OSError: The disk is full or not writable; nothing is left behind.
    """
    temporary = path.with_name(f'.{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}')
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_temporaries(path: Path) -> None:
    """Removes what killed processes left of a file, or anywhere in a folder."""
    if path.is_dir():
        leftovers = path.rglob(f'.*{TEMPORARY_SUFFIX}')
    else:
        leftovers = path.parent.glob(f'.{path.name}.*{TEMPORARY_SUFFIX}')
    for leftover in list(leftovers):
        leftover.unlink(missing_ok=True)
