"""Caption files in TADP's form, and the names of pictures in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from diffmm.utils.atomic import write_atomically

FORM = '{"name of the picture": {"captions": ["...", ...]}}'


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


def read_captions(path: str | Path) -> dict[str, dict]:
    """Reads a caption file.

    Args:
        path: JSON in TADP's form.

    Returns:
        Per picture an entry with ``captions``, and perhaps others such as TADP's
        ``class_label``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is a folder, or has another form.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f'{path} is a folder; name a caption file, such as a.json')
    if not path.is_file():
        raise FileNotFoundError(
            f'the captions {path} do not exist; they are JSON of the form {FORM}'
        )
    try:
        # Editors of some systems put a byte order mark in front.
        content = json.loads(path.read_text(encoding='utf-8-sig'))
    except ValueError as error:
        raise ValueError(
            f'{path} is no valid JSON; the captions are damaged: {error}'
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


def write_captions_file(path: str | Path, entries: Mapping[str, Mapping]) -> None:
    """Writes a caption file, whole or not at all.

    Args:
        path: The file; its folder exists.
        entries: What `read_captions` returns.

    Raises:
        OSError: The disk is full or not writable.
    """
    text = json.dumps(dict(sorted(entries.items())), indent=0, ensure_ascii=False)
    write_atomically(Path(path), (text + '\n').encode())
