"""Writes a mini world: in parallel, and resumable after any interruption."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import cv2
from tqdm import tqdm

from .atomic import remove_temporaries
from .layouts import LAYOUTS, check_layout
from .manifest import FILE_NAME, Manifest
from .renderer import Renderer
from .scene_job import SceneJob
from .scene_sampler import SceneSampler

SCENES_PER_BATCH = 16


def generate(
    root: str | Path,
    layout: str = 'ade20k',
    num_train: int = 4000,
    num_val: int = 300,
    size: int = 128,
    seed: int = 0,
    workers: int = 1,
    overwrite: bool = False,
) -> int:
    """Writes a mini world, or what is missing of it.

    The files depend on the settings only, not on the number of processes, given the
    same versions of numpy and OpenCV.

    Args:
        root: Folder to write to. It must be new, empty, or hold a mini world of the
            same settings, which is then completed.
        layout: Name of the layout, a key of `LAYOUTS`.
        num_train: Number of training scenes.
        num_val: Number of validation scenes.
        size: Side of the pictures in pixels, 64 to 512.
        seed: Non-negative seed.
        workers: Number of processes.
        overwrite: Remove the layout's folders and the manifest from `root` first.

    Returns:
        How many scenes were drawn; zero if the world was complete.

    Raises:
        ValueError: A setting is invalid.
        FileExistsError: The folder holds something else, or a mini world of other
            settings, and `overwrite` is not set.
        OSError: A file cannot be written; a rerun completes the world.
    """
    root = Path(root)
    manifest = Manifest(layout, seed, size, num_train, num_val)
    _check(manifest, workers)
    _prepare(root, manifest, overwrite)
    todo = _missing(root, manifest)
    _make(SceneJob(root, layout, seed, size), todo, workers)
    replace(manifest, status='complete').write(root)
    return len(todo)


def _check(manifest: Manifest, workers: int) -> None:
    check_layout(manifest.layout)
    Renderer(manifest.size)
    SceneSampler(manifest.seed)
    for split, count in manifest.counts.items():
        if count < 0:
            raise ValueError(f'num_{split} must not be negative, got {count}')
    if not any(manifest.counts.values()):
        raise ValueError('num_train and num_val are both 0: nothing to draw')
    if workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')


def _prepare(root: Path, manifest: Manifest, overwrite: bool) -> None:
    """Checks what the folder holds and marks it as this world, incomplete."""
    if root.exists() and not root.is_dir():
        raise FileExistsError(f'{root} is a file; name a folder')
    if overwrite:
        _clear(root, manifest.layout)
    elif root.exists():
        _refuse_foreign(root, manifest)
    root.mkdir(parents=True, exist_ok=True)
    manifest.write(root)
    for split in manifest.counts:
        for folder in LAYOUTS[manifest.layout](root).folders(split):
            folder.mkdir(parents=True, exist_ok=True)
            remove_temporaries(folder)


def _clear(root: Path, layout: str) -> None:
    (root / FILE_NAME).unlink(missing_ok=True)
    for name in LAYOUTS[layout].top_folders:
        if (root / name).exists():
            shutil.rmtree(root / name)


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


def _missing(root: Path, manifest: Manifest) -> list[tuple[str, int]]:
    """Scenes of which a file is absent or empty."""
    layout = LAYOUTS[manifest.layout](root)
    todo = []
    for split, count in manifest.counts.items():
        present = {
            path
            for folder in layout.folders(split)
            for path in folder.iterdir()
            if path.stat().st_size
        }
        todo += [
            (split, index)
            for index in range(count)
            if not present.issuperset(layout.files(split, index))
        ]
    return todo


def _make(job: SceneJob, todo: list[tuple[str, int]], workers: int) -> None:
    if not todo:
        return
    starts = range(0, len(todo), SCENES_PER_BATCH)
    batches = [todo[start : start + SCENES_PER_BATCH] for start in starts]
    run = _run_parallel if workers > 1 else _run_here
    title = 'Drawing the mini world'
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
    # Forked workers start at once; where fork is missing, spawned ones do the same.
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
