"""Archives and lists of depth data sets; the converters beside import it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from diffmm.utils.atomic import write_atomically
from diffmm.utils.class_names import read_lines

# What zipfile raises on changed bytes, which may ask for any compression or password.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class ConversionError(Exception):
    """The input of a converter is not what it should be."""


def unpack(
    archive: str | Path, folder: Path, target: Callable[[str], str | None]
) -> tuple[int, int]:
    """Writes chosen files of an archive; whole files that are there stay.

    Args:
        archive: A ZIP file.
        folder: Where to write.
        target: Maps the name of a member to its path below ``folder``; None leaves it
            out.

    Returns:
        Number of chosen files, and of new ones among them.

    Raises:
        ConversionError: The archive is damaged.
        OSError: A file cannot be read or written.
    """
    try:
        return _unpack(archive, folder, target)
    except _DAMAGES as error:
        raise ConversionError(
            f'{archive} is no intact ZIP file ({error}); get it again'
        ) from error


def _unpack(
    archive: str | Path, folder: Path, target: Callable[[str], str | None]
) -> tuple[int, int]:
    new = 0
    with zipfile.ZipFile(archive) as source:
        members = [
            (info, name)
            for info in source.infolist()
            if (name := target(info.filename)) is not None
        ]
        for info, name in tqdm(members, desc=Path(archive).name, unit='file'):
            path = folder / name
            if path.is_file() and path.stat().st_size == info.file_size:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, source.read(info))
            new += 1
    return len(members), new


def check_list(path: Path, folder: Path, expected: int) -> list[str]:
    """Compares a list of pictures and depth maps with the files that are there.

    Args:
        path: The list; a line is a picture and a depth map.
        folder: Folder that its paths start from.
        expected: Number of lines that it must have.

    Returns:
        One message for each problem.
    """
    if not path.is_file():
        return [f'{path} does not exist']
    problems = []
    rows = [row.split() for row in read_lines(path)]
    if len(rows) != expected:
        problems.append(
            f'{path} has {len(rows):,} lines instead of {expected:,}; remove it to '
            'have the folder listed again, or give the original list'
        )
    names = [name.lstrip('/') for row in rows for name in row[:2]]
    missing = [
        name
        for name in tqdm(names, desc=path.name, unit='file')
        if not (folder / name).is_file()
    ]
    if missing:
        problems.append(
            f'{len(missing):,} of {len(names):,} files of {path} are not below '
            f'{folder}, the first one {missing[0]}'
        )
    return problems
