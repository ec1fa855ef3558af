"""Caption files in TADP's form, and the names of pictures in them."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from diffmm.utils.atomic import write_atomically

FORM = '{"name of the picture": {"captions": ["...", ...]}}'
GENERATOR = 'tools/dataset_converters/generate_captions.py'
# The name of the entry that tells which captioners wrote a file. No picture has it.
_NO_PICTURE = ''


@dataclass(frozen=True)
class CaptionKey:
    """The rule by which a caption file names pictures.

    TADP's files name them by the file name (ADE20K: the defaults), by folder and file
    name (Cityscapes: two parts), with a slash in front (NYUv2: two parts and ``'/'``),
    or without the extension (Pascal VOC, Watercolor2k, Comic2k).

    Attributes:
        parts: Number of last parts of the path.
        prefix: Text in front of them.
        extension: Whether the extension belongs to the name.

    Raises:
        ValueError: ``parts`` is not positive.
    """

    parts: int = 1
    prefix: str = ''
    extension: bool = True

    def __post_init__(self) -> None:
        if self.parts < 1:
            raise ValueError(f'parts must be positive, got {self.parts}')

    def __call__(self, path: str | PurePath) -> str:
        """Names a picture.

        Args:
            path: Its file.
        """
        path = PurePath(path)
        if not self.extension:
            path = path.with_suffix('')
        return self.prefix + '/'.join(path.parts[-self.parts :])

    @classmethod
    def find(cls, path: str | PurePath, names: Container[str]) -> CaptionKey | None:
        """Finds the rule by which a file names a picture.

        Args:
            path: The picture.
            names: All names of the caption file.

        Returns:
            The rule; None if the file has the picture under no rule of TADP's files.
        """
        rules = product(range(1, 5), ('', '/'), (True, False))
        return next((key for rule in rules if (key := cls(*rule))(path) in names), None)


class CaptionFile(NamedTuple):
    """The content of a caption file.

    Attributes:
        entries: Per picture an entry with ``captions``, and perhaps others such as
            TADP's ``class_label``.
        captioners: Settings of each captioner that wrote the file, as a dict with
            ``model``; none for files that do not say, such as TADP's.
    """

    entries: dict[str, dict]
    captioners: list[dict[str, Any]]


def read_caption_file(path: str | Path) -> CaptionFile:
    """Reads captions, and which captioners wrote them.

    Args:
        path: JSON in TADP's form.

    Returns:
        Both.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is a folder, or has another form.
    """
    entries = _read(Path(path))
    captioners = entries.pop(_NO_PICTURE, {}).get('captioners', [])
    if not isinstance(captioners, list) or not all(
        isinstance(each, dict) and isinstance(each.get('model'), str)
        for each in captioners
    ):
        raise ValueError(
            f'{path} does not tell which captioners wrote it: "captioners" of the '
            f'entry {_NO_PICTURE!r} must be like [{{"model": "..."}}], got '
            f'{str(captioners)[:80]!r}; remove that entry if you do not know'
        )
    return CaptionFile(entries, captioners)


def read_captions(path: str | Path) -> dict[str, dict]:
    """Reads captions, whoever wrote them.

    Args:
        path: As for `read_caption_file`.

    Returns:
        The entries of the pictures.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is a folder, or has another form.
    """
    entries = _read(Path(path))
    entries.pop(_NO_PICTURE, None)
    return entries


def _read(path: Path) -> dict[str, dict]:
    """Reads and checks all entries."""
    if path.is_dir():
        raise ValueError(f'{path} is a folder; name a caption file, such as a.json')
    if not path.is_file():
        raise FileNotFoundError(
            f'the captions {path} do not exist; {GENERATOR} writes them, as JSON of '
            f'the form {FORM}'
        )
    try:
        # Editors of some systems put a byte order mark in front.
        content = json.loads(path.read_text(encoding='utf-8-sig'))
    except ValueError as error:
        raise ValueError(
            f'{path} is no valid JSON; the captions are damaged: {error}; the file '
            f'must be in UTF-8 and not compressed. Get it again, or write it with '
            f'{GENERATOR}'
        ) from error
    if not isinstance(content, dict):
        raise ValueError(
            f'{path} is no caption file; its form must be {FORM}, got a '
            f'{type(content).__name__}'
        )
    for key, entry in content.items():
        captions = entry.get('captions') if isinstance(entry, dict) else None
        if not isinstance(captions, list) or not all(
            isinstance(text, str) for text in captions
        ):
            raise ValueError(
                f'{path} is no caption file: {key!r} holds {str(entry)[:80]!r}; its '
                f'form must be {FORM}'
            )
    return content


def write_captions_file(
    path: str | Path,
    entries: Mapping[str, Mapping],
    captioners: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Writes a caption file, whole or not at all.

    The captioners become an entry under the empty name, without
    captions: programs that know pictures only do not ask for it.

    Args:
        path: The file; its folder exists.
        entries: As in a `CaptionFile`.
        captioners: As in a `CaptionFile`.

    Raises:
        OSError: The disk is full or not writable.
    """
    content = dict(sorted(entries.items()))
    if captioners:
        content = {_NO_PICTURE: dict(captions=[], captioners=captioners)} | content
    text = json.dumps(content, indent=0, ensure_ascii=False)
    write_atomically(Path(path), (text + '\n').encode())
