"""Captioning of many pictures, resumable after any interruption."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mmengine.logging import print_log
from tqdm import tqdm

from diffmm.utils.progress_folder import ProgressFolder

from .caption_file import (
    CaptionFile,
    CaptionKey,
    read_caption_file,
    write_captions_file,
)
from .workers import CaptionerSettings, describe

# Captions that go to a cleaner at once.
CLEANING_BATCH = 20

Cleaner = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True)
class Generation:
    """Outcome of `generate_captions`.

    Attributes:
        written: Captions written by this call.
        kept: Captions that were there already.
        unreadable: A message for each picture that could not be read, or got an empty
            caption.
    """

    written: int
    kept: int
    unreadable: tuple[str, ...]


def generate_captions(
    pictures: Sequence[Path],
    out: Path,
    settings: CaptionerSettings,
    key: CaptionKey | None = None,
    cleaner: Cleaner | None = None,
    batch_size: int = 16,
    processes: int = 1,
    device: str = 'cpu',
) -> Generation:
    """Captions pictures, or those of them that have no caption yet.

    Each batch is appended to a file in the folder ``.<out>.progress`` beside `out` as
    soon as it is there. The same call continues after an interruption. `out` is written
    at the end, when every readable picture has its caption. It tells its captioner, and
    takes no captions of another model. A file that tells none takes any.

    Args:
        pictures: Files.
        out: Caption file to write, or to complete: captions that it has stay.
        settings: Model and lengths.
        key: Names of the pictures in the file; file names by default.
        cleaner: Removes words for styles; see `StyleWordCleaner`, `EndpointCleaner`.
        batch_size: Pictures that a process describes at once.
        processes: Number of processes, each with the model. On ``'cuda'`` they take
            turns on the GPUs.
        device: ``'cpu'``, ``'cuda'`` or one GPU such as ``'cuda:0'``.

    Returns:
        Counts, and what went wrong with single pictures.

    Raises:
        ValueError: A setting is invalid, two pictures have the same name, `out` is
            something else than a caption file or has captions of another model, or the
            progress belongs to other settings.
        CaptionerError: The model cannot be used.
        EndpointError: The cleaner's endpoint failed; what was written stays.
        OSError: The disk is full or not writable; what was written stays.
    """
    if batch_size < 1 or processes < 1:
        raise ValueError(
            'batch_size and processes must be at least 1, got '
            f'{batch_size} and {processes}'
        )
    names = _name_pictures(pictures, key or CaptionKey())
    entries, captioners = (
        read_caption_file(out) if out.exists() else CaptionFile({}, [])
    )
    _check_captioners(out, captioners, settings)
    wanted = {name: path for name, path in names.items() if name not in entries}
    if not wanted:
        return Generation(0, len(names), ())
    progress = ProgressFolder(out, asdict(settings), 'captions')
    raw = progress.read('captions')
    started = sum(name in wanted for name in raw)
    missing = [(name, path) for name, path in wanted.items() if name not in raw]
    unreadable = []
    batches = [
        missing[first : first + batch_size]
        for first in range(0, len(missing), batch_size)
    ]
    with tqdm(total=len(wanted), initial=started, desc='captions') as bar:
        for found, problems in describe(batches, settings, processes, device):
            progress.append('captions', found)
            raw.update(found)
            unreadable += problems
            bar.update(len(found) + len(problems))
    raw = {name: raw[name] for name in wanted if name in raw}
    texts = raw if cleaner is None else _clean(raw, cleaner, progress)
    # Nobody knows who wrote what is in a file that does not say.
    if not entries or (captioners and asdict(settings) not in captioners):
        captioners = [*captioners, asdict(settings)]
    entries.update({name: dict(captions=[text]) for name, text in texts.items()})
    if texts:
        write_captions_file(out, entries, captioners)
    progress.remove()
    kept = len(names) - len(wanted)
    return Generation(len(texts), kept, tuple(unreadable))


def clean_captions(
    source: Path, out: Path, cleaner: Cleaner, settings: CaptionerSettings
) -> int:
    """Cleans all captions of a caption file, which still tells its captioners then.

    Args:
        source: The file.
        out: Caption file to write.
        cleaner: As for `generate_captions`.
        settings: Its ``model`` names the source, so that progress of another file is
            not taken for this one's.

    Returns:
        Number of captions.

    Raises:
        FileNotFoundError: There is no source.
        ValueError: It is no caption file, `out` exists, or the progress belongs to
            other settings.
        EndpointError: The endpoint failed; what was cleaned stays.
        OSError: The disk is full or not writable; what was cleaned stays.
    """
    entries, captioners = read_caption_file(source)
    if out.exists():
        raise ValueError(f'{out} exists already; name another file, or remove it')
    progress = ProgressFolder(out, asdict(settings), 'captions')
    # A picture may have several captions.
    texts = {
        f'{number} {name}': text
        for name, entry in entries.items()
        for number, text in enumerate(entry['captions'])
    }
    cleaned = _clean(texts, cleaner, progress)
    for name, entry in entries.items():
        numbers = range(len(entry['captions']))
        entry['captions'] = [cleaned[f'{number} {name}'] for number in numbers]
    for each in captioners:
        ways = filter(None, (each.get('cleaning'), settings.cleaning))
        each['cleaning'] = ', then '.join(ways)
    write_captions_file(out, entries, captioners)
    progress.remove()
    return len(texts)


def _check_captioners(
    out: Path, captioners: Sequence[Mapping[str, Any]], settings: CaptionerSettings
) -> None:
    """Refuses a file of another model, and warns of one of other options."""
    others = [each for each in captioners if each != asdict(settings)]
    for each in others:
        if each['model'] != settings.model:
            raise ValueError(
                f'{out} has captions of {each["model"]!r}, so {settings.model!r} '
                'cannot complete it: take the same model, name another file, or remove '
                'this one'
            )
    if others:
        print_log(
            f'{out} has captions with other options, {others}; they stay as they are',
            'current',
            level=logging.WARNING,
        )


def _clean(
    texts: dict[str, str], cleaner: Cleaner, progress: ProgressFolder
) -> dict[str, str]:
    """Cleans what is not clean yet."""
    cleaned = progress.read('cleaned')
    missing = iter([name for name in texts if name not in cleaned])
    started = sum(name in cleaned for name in texts)
    with tqdm(total=len(texts), initial=started, desc='cleaning') as bar:
        while names := list(islice(missing, CLEANING_BATCH)):
            answers = cleaner([texts[name] for name in names])
            found = dict(zip(names, answers, strict=True))
            progress.append('cleaned', found)
            cleaned.update(found)
            bar.update(len(found))
    return {name: cleaned[name] for name in texts}


def _name_pictures(pictures: Iterable[Path], key: CaptionKey) -> dict[str, Path]:
    names: dict[str, Path] = {}
    for path in pictures:
        name = key(path)
        other = names.setdefault(name, path)
        if other != path:
            raise ValueError(
                f'{other} and {path} would both be {name!r} in the caption file; let '
                f'more parts of the path count than {key.parts}, or the extension'
            )
    return names
