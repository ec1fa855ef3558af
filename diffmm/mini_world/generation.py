"""Generation of a mini world: parallel, and resumable after any interruption."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
from tqdm import tqdm

from diffmm.utils.atomic import remove_temporaries

from .drawing.renderer import Renderer
from .drawing.styles import STYLES
from .layouts import ALL_LAYOUTS, LAYOUTS, check_layout
from .layouts.layout import RECORDS
from .manifest import FILE_NAME, Manifest
from .scenes.sampler import MAX_SCENES, SceneSampler, sample_scene

SCENES_PER_BATCH = 16


@dataclass(frozen=True)
class SceneJob:
    """Work of one process: draws scenes of a world and writes them.

    Attributes:
        root: Folder of the world.
        layout: Name of the layout.
        seed: Seed of the world.
        size: Side of the pictures in pixels.
        style: Style of the pictures; the layout's own if None.
    """

    root: Path
    layout: str
    seed: int
    size: int
    style: str | None = None

    def __call__(self, scenes: list[tuple[str, int]]) -> int:
        """Draws and writes scenes.

        Args:
            scenes: Pairs of split and index.

        Returns:
            Number of scenes.
        """
        sampler, renderer = SceneSampler(self.seed), Renderer(self.size)
        layout = LAYOUTS[self.layout](self.root, self.style)
        for split, index in scenes:
            scene = sample_scene(sampler, split, index, layout.place)
            layout.write(renderer.render(scene), split, index)
        return len(scenes)


def generate(
    root: str | Path,
    layout: str = 'ade20k',
    num_train: int = 4000,
    num_val: int = 300,
    size: int = 128,
    seed: int = 0,
    workers: int = 1,
    overwrite: bool = False,
    style: str | None = None,
) -> int:
    """Writes a mini world, or completes it.

    With the same versions of numpy and OpenCV the files depend on the settings only,
    not on the number of processes. Files about all scenes are written when every scene
    is there.

    Args:
        root: Folder to write to. It must be new, empty, or hold a mini world of the
            same settings.
        layout: Key of `LAYOUTS`, or ``'all'`` for every layout in a folder of its
            name.
        num_train: Number of training scenes.
        num_val: Number of validation scenes.
        size: Side of the pictures in pixels, 64 to 512.
        seed: Non-negative seed.
        workers: Number of processes.
        overwrite: Removes the layout's folders and the manifest from `root` first.
        style: Style of the pictures, one of `STYLES`; the layout's own if None.

    Returns:
        Number of scenes that were drawn; zero if the world was complete.

    Raises:
        ValueError: A setting is invalid.
        FileExistsError: The folder holds something else, or a mini world of other
            settings, and `overwrite` is not set.
        OSError: A file cannot be written; a rerun completes the world.
    """
    root = Path(root)
    manifest = Manifest(layout, seed, size, num_train, num_val, style)
    _check(manifest, workers)
    parts = _parts(root, manifest)
    _prepare(root, manifest, overwrite)
    drawn = 0
    for folder, part in parts:
        if folder != root:
            _prepare(folder, part, overwrite=False)
        drawn += _complete(folder, part, workers)
        replace(part, status='complete').write(folder)
    if layout == ALL_LAYOUTS:
        replace(manifest, status='complete').write(root)
    return drawn


def count_scenes(layout: str, num_train: int, num_val: int) -> int:
    """Counts the scenes of a world; not every layout has training scenes.

    Args:
        layout: Key of `LAYOUTS`, or ``'all'``.
        num_train: Number of training scenes.
        num_val: Number of validation scenes.
    """
    counts = dict(train=num_train, val=num_val)
    names = LAYOUTS if layout == ALL_LAYOUTS else (layout,)
    return sum(counts[split] for name in names for split in LAYOUTS[name].splits)


def _check(manifest: Manifest, workers: int) -> None:
    check_layout(manifest.layout)
    if manifest.style is not None and manifest.style not in STYLES:
        raise ValueError(
            f'unknown style {manifest.style!r}, choose from {list(STYLES)}'
        )
    Renderer(manifest.size)
    SceneSampler(manifest.seed)
    for split, count in manifest.counts.items():
        if count < 0:
            raise ValueError(f'num_{split} must not be negative, got {count}')
        if count > MAX_SCENES:
            raise ValueError(f'num_{split} must not exceed {MAX_SCENES}, got {count}')
    if not count_scenes(manifest.layout, manifest.num_train, manifest.num_val):
        raise ValueError(
            f'layout {manifest.layout!r} with num_train {manifest.num_train} and '
            f'num_val {manifest.num_val}: nothing to draw'
        )
    if workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')


def _parts(root: Path, manifest: Manifest) -> list[tuple[Path, Manifest]]:
    """Lists the worlds to write, each of one layout, with their folders."""
    if manifest.layout != ALL_LAYOUTS:
        return [(root, manifest)]
    counts = manifest.num_train, manifest.num_val
    names = [name for name in LAYOUTS if count_scenes(name, *counts)]
    return [(root / name, replace(manifest, layout=name)) for name in names]


def _prepare(root: Path, manifest: Manifest, overwrite: bool) -> None:
    """Checks the content of the folder and marks it as this world, incomplete."""
    if root.exists() and not root.is_dir():
        raise FileExistsError(f'{root} is a file; name a folder')
    if overwrite:
        _clear(root, manifest.layout)
    elif root.exists():
        _refuse_foreign(root, manifest)
    root.mkdir(parents=True, exist_ok=True)
    manifest.write(root)
    remove_temporaries(root / FILE_NAME)
    if manifest.layout != ALL_LAYOUTS:
        LAYOUTS[manifest.layout](root).prepare()


def _clear(root: Path, layout: str) -> None:
    (root / FILE_NAME).unlink(missing_ok=True)
    if layout == ALL_LAYOUTS:
        names = tuple(LAYOUTS)
    else:
        names = (RECORDS, *LAYOUTS[layout].top_entries)
    for path in (root / name for name in names):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _refuse_foreign(root: Path, manifest: Manifest) -> None:
    advice = 'choose another folder, or replace its content with --overwrite'
    found = Manifest.read(root)
    if found is None:
        content = sorted(path.name for path in root.iterdir())
        if content:
            raise FileExistsError(
                f'{root} holds something else than a mini world ({len(content)} '
                f'entries, such as {content[:3]}); {advice}'
            )
    elif found.settings != manifest.settings:
        raise FileExistsError(
            f'{root} holds a mini world of other settings '
            f'({", ".join(found.differences(manifest))}); {advice}'
        )


def _complete(root: Path, manifest: Manifest, workers: int) -> int:
    """Draws the missing scenes of one layout, then writes its summaries."""
    layout = LAYOUTS[manifest.layout](root, manifest.style)
    todo = [
        (split, index)
        for split in layout.splits
        for index in range(manifest.counts[split])
        if not layout.is_complete(split, index)
    ]
    job = SceneJob(root, manifest.layout, manifest.seed, manifest.size, manifest.style)
    _make(job, todo, workers)
    layout.write_summaries(manifest.counts)
    return len(todo)


def _make(job: SceneJob, todo: list[tuple[str, int]], workers: int) -> None:
    if not todo:
        return
    starts = range(0, len(todo), SCENES_PER_BATCH)
    batches = [todo[start : start + SCENES_PER_BATCH] for start in starts]
    run = _run_parallel if workers > 1 else _run_here
    title = f'Drawing the mini world ({job.layout})'
    with tqdm(total=len(todo), unit='scene', desc=title, mininterval=0.5) as bar:
        for done in run(job, batches, workers):
            bar.update(done)


def _run_here(job: SceneJob, batches: list, workers: int) -> Iterator[int]:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(0)
    try:
        for batch in batches:
            yield job(batch)
    finally:
        cv2.setNumThreads(threads)


def _run_parallel(job: SceneJob, batches: list, workers: int) -> Iterator[int]:
    # Forked workers start at once. Some systems can only spawn.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context('fork' if 'fork' in methods else 'spawn')
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=cv2.setNumThreads, initargs=(0,)
    )
    try:
        futures = [executor.submit(job, batch) for batch in batches]
        for future in as_completed(futures):
            yield future.result()
    finally:
        executor.shutdown(cancel_futures=True)
