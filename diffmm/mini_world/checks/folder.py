"""Checks of a folder: a real data set, or a mini world in its layout."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.registry import DATASETS
from tqdm import tqdm

from ..layouts.readers import READERS, layout_readers
from ..manifest import Manifest
from ..parallel import run_batches

SAMPLES_PER_BATCH = 16
# Entries of a sample that name files.
FILES = ('img_path', 'seg_map_path', 'depth_map_path', 'depth_mask_path')


@dataclass(frozen=True)
class PartReport:
    """Findings in a part of a data set.

    Attributes:
        name: Reader and part.
        found: Number of samples; None if the part cannot be read at all.
        expected: Number that it must have; None if any will do.
        problems: What is wrong.
    """

    name: str
    found: int | None
    expected: int | None
    problems: tuple[str, ...]


@dataclass(frozen=True)
class PartJob:
    """Work of one process: reads samples of a part.

    Attributes:
        reader: Key of `READERS`.
        part: Name of the part.
        root: Folder of the data set.
    """

    reader: str
    part: str
    root: Path

    @property
    def dataset(self) -> Any:
        """The data set, built once in each process."""
        return _build(self.reader, self.part, self.root)

    def __call__(self, numbers: list[int]) -> list[tuple[int, str]]:
        """Reads samples; returns what is wrong, with their numbers."""
        return [
            (number, f'sample {number}: {problem}')
            for number in numbers
            for problem in self._problems(number)
        ]

    def _problems(self, number: int) -> Iterator[str]:
        info = self.dataset.get_data_info(number)
        paths = [info[key] for key in FILES if info.get(key)]
        missing = [path for path in paths if not Path(path).is_file()]
        if missing:
            yield from (f'{path} does not exist' for path in missing)
            return
        try:
            sample = self.dataset.prepare_data(number)
        except Exception as error:  # whatever a host's data set raises is the finding
            yield f'{paths[0] if paths else info}: {_first_line(error)}'
            return
        for problem in sample_problems(sample, self.dataset.metainfo):
            yield f'{paths[0] if paths else number}: {problem}'


@lru_cache(maxsize=1)
def _build(reader: str, part: str, root: Path) -> Any:
    config = READERS[reader].build_config(root, part)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        # mmengine cannot serialize an empty list.
        return DATASETS.build({**config, 'serialize_data': False})


def sample_problems(sample: dict[str, Any], metainfo: dict[str, Any]) -> Iterator[str]:
    """Looks for labels, depths and sizes that cannot be.

    Args:
        sample: What the pipeline of a reader returns.
        metainfo: Of the data set.

    Yields:
        What is wrong.
    """
    data = sample.get('data_samples', {})
    for key in ('gt_sem_seg', 'gt_depth_map'):
        if key in data:
            size = tuple(sample['inputs'].shape[1:])
            found = tuple(data.get(key).data.shape[1:])
            if size != found:
                yield f'the picture is {size} and its map {found}, in rows and columns'
    if 'gt_sem_seg' in data:
        count = len(metainfo['classes'])
        labels = np.unique(data.gt_sem_seg.data.numpy())
        # What is ignored has the largest label of its kind.
        wrong = [each for each in labels.tolist() if each >= count]
        wrong = [each for each in wrong if each not in (255, 65535)]
        if wrong:
            yield f'labels {wrong[:5]}, but there are {count} classes'
    if 'gt_depth_map' in data:
        low, high = metainfo.get('depth_range', (0.0, np.inf))
        depth = data.gt_depth_map.data.numpy()
        if not ((depth > low) & (depth < high)).any():
            yield f'no depth between {low:g} and {high:g} m'


def check_folder_parts(
    layout: str, root: Path, samples: int | None = None, workers: int = 1
) -> list[PartReport]:
    """Checks every part of a data set.

    A folder with the manifest of a mini world must have its numbers of samples, any
    other those of the real data set.

    Args:
        layout: Key of `LAYOUTS`.
        root: Folder of the data set.
        samples: Number of samples of each part to read, evenly spaced; all if None.
        workers: Number of processes.

    Returns:
        A report for each part.

    Raises:
        FileNotFoundError: There is no such folder.
    """
    if not root.is_dir():
        raise FileNotFoundError(f'{root} is no folder')
    manifest = Manifest.read(root)
    reports = []
    for name, reader in layout_readers(layout).items():
        for part, details in reader.parts.items():
            real, classes = details.real, details.classes
            if manifest is not None:
                real = manifest.counts.get(part) if reader.per_scene else None
                classes = None
            if not (manifest and reader.per_scene and real == 0):
                job = PartJob(name, part, root)
                reports.append(_check_part(job, real, classes, samples, workers))
    return reports


def _check_part(
    job: PartJob,
    expected: int | None,
    classes: int | None,
    samples: int | None,
    workers: int,
) -> PartReport:
    title = f'{job.reader}, {job.part}'
    _build.cache_clear()  # the folder may have changed
    try:
        found = len(job.dataset)
    except Exception as error:  # whatever a host's data set raises is the finding
        return PartReport(title, None, expected, (_first_line(error),))
    problems = []
    if expected not in (None, found):
        problems.append(f'{found:,} samples, not {expected:,}')
    given = len(job.dataset.metainfo.get('classes', ()))
    if classes not in (None, given):
        problems.append(f'{given} classes, not {classes}')
    count = found if samples is None else min(found, samples)
    numbers = np.linspace(0, found - 1, count).round().astype(int).tolist()
    starts = range(0, count, SAMPLES_PER_BATCH)
    jobs = [(job, numbers[start : start + SAMPLES_PER_BATCH]) for start in starts]
    wrong = []
    with tqdm(total=count, unit='sample', desc=f'Reading {title}', leave=False) as bar:
        for batch in run_batches(jobs, workers):
            wrong += batch
            bar.update(min(SAMPLES_PER_BATCH, count - bar.n))
    problems += [text for _, text in sorted(wrong)]
    return PartReport(title, found, expected, tuple(problems))


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
