"""Pictures of a folder: found, checked, divided into training and validation."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from tqdm import tqdm

SUFFIXES = ('.bmp', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp')
# Orientations of EXIF in which height and width change places.
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)
_MIN_SIDE = 64
# Files that a message names.
_SHOWN = 3


class DataError(ValueError):
    """Data that cannot be trained on as they are; the message says what to change."""


@dataclass(frozen=True)
class Picture:
    """A picture that was read to its end.

    Attributes:
        path: The file.
        width: Pixels across, as the training reads it: its orientation applied.
        height: Pixels down.
        turned: Whether the orientation changed the places of the two.
    """

    path: Path
    width: int
    height: int
    turned: bool = False

    @property
    def ratio(self) -> float:
        """The longer side by the shorter one."""
        return max(self.width, self.height) / min(self.width, self.height)


def find_files(folder: Path, what: str) -> list[Path]:
    """Finds the image files of a folder and the folders in it.

    Args:
        folder: The folder.
        what: What the messages call them, such as ``'pictures'``.

    Returns:
        Sorted files. Hidden ones, which other systems leave behind, do not count.

    Raises:
        DataError: There is no such folder, or no image file in it.
    """
    if not folder.is_dir():
        raise DataError(f'{what}: {str(folder)!r} is no folder')
    found = sorted(
        path
        for path in folder.rglob('*')
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith('.') for part in path.relative_to(folder).parts)
    )
    if not found:
        raise DataError(
            f'{what}: {str(folder)!r} has no file that ends in {", ".join(SUFFIXES)}'
        )
    return found


def open_pictures(paths: Sequence[Path]) -> list[Picture]:
    """Decodes pictures, all of each.

    OpenCV, which trains, fills the missing part of a truncated JPEG with gray.

    Args:
        paths: The files.

    Returns:
        The pictures.

    Raises:
        DataError: Some are damaged, or too small for the backbone.
    """
    pictures, damaged, small = [], [], []
    for path in tqdm(paths, desc='pictures', disable=None):
        try:
            picture = _open(path)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as why:
            damaged.append(f'{path} ({first_line(why)})')
            continue
        pictures.append(picture)
        if min(picture.width, picture.height) < _MIN_SIDE:
            small.append(f'{path} ({picture.width}x{picture.height})')
    if damaged:
        raise DataError(
            f'{count(damaged, "picture")} cannot be read: {shorten(damaged)}; get them '
            'again, or take them out of the folder'
        )
    if small:
        raise DataError(
            f'{count(small, "picture")} below {_MIN_SIDE} pixels a side: '
            f'{shorten(small)}; enlarge them, or take them out of the folder'
        )
    return pictures


def _open(path: Path) -> Picture:
    with Image.open(path) as image:
        image.load()
        turned = image.getexif().get(_ORIENTATION) in _TURNED
        width, height = image.size
    return Picture(path, *((height, width) if turned else (width, height)), turned)


def split(items: Sequence, share: float) -> tuple[list, list]:
    """Chooses some for validation, the same ones for the same files.

    Args:
        items: Sorted pictures.
        share: Share for validation, in (0, 1); one at least.

    Returns:
        Those for training, and those for validation.

    Raises:
        DataError: There are fewer than two, or the share is none.
    """
    if not 0 < share < 1:
        raise DataError(f'--val-share must be between 0 and 1, got {share:g}')
    if len(items) < 2:
        raise DataError(
            f'{count(items, "picture")} cannot be divided into training and '
            'validation: add pictures, or name a folder of others with --val-images'
        )
    number = min(max(1, round(len(items) * share)), len(items) - 1)
    chosen = set(random.Random(0).sample(range(len(items)), number))
    parts: tuple[list, list] = ([], [])
    for index, item in enumerate(items):
        parts[index in chosen].append(item)
    return parts


def partners(
    pictures: Sequence[Path], folder: Path, others: Iterable[Path], other_folder: Path
) -> tuple[dict[Path, Path], str]:
    """Finds the file that belongs to each picture: the same name, perhaps an ending.

    Masks are often called as their pictures with something behind, ``a_mask.png`` for
    ``a.jpg``. All files here must have the same.

    Args:
        pictures: Files in ``folder``.
        folder: Their folder.
        others: Files in ``other_folder``.
        other_folder: The other folder.

    Returns:
        The partner of every picture that has one, and what stands behind its name,
        such as ``'_mask.png'``.
    """
    names = {path.relative_to(other_folder).as_posix(): path for path in others}
    stems = [_stem(path, folder) for path in pictures]
    counts: dict[str, int] = {}
    for ending in _endings(stems, names):
        counts[ending] = counts.get(ending, 0) + 1
    # Of equal ones the shortest: 'a.png' before 'a_b.png'.
    best = max(counts, key=lambda each: (counts[each], -len(each)), default='.png')
    found = {
        path: names[stem + best]
        for path, stem in zip(pictures, stems, strict=True)
        if stem + best in names
    }
    return found, best


def _endings(stems: Sequence[str], names: Iterable[str]) -> Iterator[str]:
    """Yields what follows a picture's name in the names of the other folder."""
    known = set(stems)
    for name in names:
        base = name.rpartition('/')[2]
        folder = name[: len(name) - len(base)]
        # The part of the name that is a picture's; the longest, as 'a_1' of 'a'.
        for length in range(len(base) - 1, 0, -1):
            if folder + base[:length] in known:
                yield base[length:]
                break


def _stem(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix('').as_posix()


def count(items: Sequence, noun: str) -> str:
    """Writes a number with its noun."""
    return f'{len(items):,} {noun}{"" if len(items) == 1 else "s"}'


def shorten(names: Sequence[object]) -> str:
    """Lists the first of many names."""
    shown = ', '.join(map(str, names[:_SHOWN]))
    return shown if len(names) <= _SHOWN else f'{shown}, ...'


def first_line(error: BaseException) -> str:
    """Takes the first line of a library's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
