r"""Checksums of files that come with the package.

The file beside a shipped folder is what ``sha256sum`` writes; this writes it again::

    cd FOLDER/.. && find * -type f ! -name SHA256SUMS.txt | sort | xargs sha256sum \
        > SHA256SUMS.txt
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

SUMS_FILE = 'SHA256SUMS.txt'


class ChecksumError(ValueError):
    """A shipped file that is not what was shipped."""


def check_sums(folder: Path) -> None:
    """Compares the files of a shipped folder with the checksums beside it.

    A flipped bit in a weight is a valid weight: nothing else tells. Files that have not
    changed since the last call are not read again.

    Args:
        folder: The folder, or one in it. ``SHA256SUMS.txt`` lists its files in the
            folder above the shipped one; a folder without such a file passes.

    Raises:
        ChecksumError: A file was changed. One that is missing is left to its reader.
    """
    root = next(
        (each for each in folder.parents[:2] if (each / SUMS_FILE).is_file()), None
    )
    if root is None:
        return
    for row in (root / SUMS_FILE).read_text().splitlines():
        expected, _, name = row.partition('  ')
        path = root / name
        if not path.is_relative_to(folder) or not path.is_file():
            continue
        found = file_sha256(path)
        if found != expected:
            raise ChecksumError(
                f'{path} is damaged: its SHA-256 begins with {found[:12]}, that of the '
                f'shipped file with {expected[:12]}. Install DiffMM again, or check '
                'the file out again'
            )


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits.

    A file that has not changed since the last call is not read again.

    Args:
        path: The file.
    """
    status = path.stat()
    return _sha256(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _sha256(path: Path, changed: int, size: int) -> str:
    """The checksum of a file; the other arguments tell one version from another."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
