"""Captions of the mini worlds that the runs of a study read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..datasets.captioning import (
    OWN_WORDS,
    CaptionerError,
    CaptionerSettings,
    CaptionKey,
    StyleWordCleaner,
    generate_captions,
    pictures_of_config,
)
from ..datasets.captioning.captioner import MINI_CAPTIONER
from ..utils.nested import walk
from .data import data_folders, data_loaders
from .run import Run
from .settings import map_strings
from .table import StudyError


def caption_data(runs: Sequence[Run], processes: int = 1) -> None:
    """Writes the caption files of a study, or what is missing of them.

    `mini-captioner` describes the pictures that the runs read, and no others. What has
    a caption keeps it. Files inside a data set's folder belong to the data set. Where a
    pipeline names the target domain itself (``TargetDomainText``), the captions lose
    their own words for style (TADP, section 4.3).

    Args:
        runs: The runs; those that are done need no captions.
        processes: Number of processes.

    Raises:
        StudyError: This installation lacks `mini-captioner`, a file is no caption file,
            or pictures cannot be read.
    """
    wanted, cleaned = _wanted(runs)
    for file, (pictures, key) in wanted.items():
        cleaner = StyleWordCleaner() if file in cleaned else None
        cleaning = '' if cleaner is None else OWN_WORDS
        settings = CaptionerSettings(MINI_CAPTIONER, 0, 77, cleaning)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            done = generate_captions(
                list(pictures), file, settings, key, cleaner, processes=processes
            )
        except (CaptionerError, ValueError) as error:
            raise StudyError(f'captions {file}: {error}') from error
        if done.unreadable:
            raise StudyError('\n  '.join([f'captions {file}:', *done.unreadable]))
        if done.written:
            print(f'{file}: {done.written} captions written', flush=True)


def _wanted(
    runs: Sequence[Run],
) -> tuple[dict[Path, tuple[dict[Path, None], CaptionKey]], set[Path]]:
    """Pictures of every caption file, how it names them, and which are cleaned."""
    folders = set(data_folders(runs).values())
    wanted: dict[Path, tuple[dict[Path, None], CaptionKey]] = {}
    seen, cleaned = set(), set()
    pairs = ((run, *loader) for run in runs for loader in data_loaders(run))
    for run, split, settings in pairs:
        settings = map_strings(settings, run.place)
        files = {file for file in _files(settings) if not folders & {*file.parents}}
        if run.is_done or not files or repr(settings) in seen:
            continue
        seen.add(repr(settings))
        scope = run.settings['default_scope']
        cfg = Config({f'{split}_dataloader': settings, 'default_scope': scope})
        pictures, key = pictures_of_config(cfg, [split])
        if any(step['type'] == 'TargetDomainText' for step in _steps(settings)):
            cleaned |= files
        for file in files:
            wanted.setdefault(file, ({}, key))[0].update(dict.fromkeys(pictures))
    return wanted, cleaned


def _files(settings: Mapping[str, Any]) -> Iterator[Path]:
    for step in _steps(settings):
        if step['type'] == 'LoadCaption':
            yield Path(step['ann_file'])


def _steps(settings: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for step in walk(settings):
        if isinstance(step, Mapping) and 'type' in step:
            yield step
