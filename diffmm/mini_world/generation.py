"""Generation of a mini world: parallel, and resumable after any interruption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from .drawing.rendered_scene import RenderedScene
from .drawing.renderer import Renderer
from .drawing.styles import STYLES
from .layouts import ALL_LAYOUTS, LAYOUTS, check_layout
from .manifest import Manifest
from .parallel import run_batches
from .scenes.sampler import MAX_SCENES, SceneSampler, sample_scene
from .world_folder import World, check_folder, clear_folder, prepare_folder

SCENES_PER_BATCH = 16


@dataclass(frozen=True)
class SceneJob:
    """Work of one process: draws scenes and writes them in one or several layouts.

    A scene that several layouts show is drawn once.

    Attributes:
        worlds: Worlds of one layout each, all of the same seed and size.
    """

    worlds: tuple[World, ...]

    def __call__(self, scenes: list[tuple[str, int]]) -> int:
        """Draws and writes scenes.

        Args:
            scenes: Pairs of split and index.

        Returns:
            Number of scenes that were written, those of every world counted.
        """
        settings = self.worlds[0][1]
        sampler, renderer = SceneSampler(settings.seed), Renderer(settings.size)
        layouts = [LAYOUTS[each.layout](root, each.style) for root, each in self.worlds]
        places = {layout.place for layout in layouts}
        for split, index in scenes:
            drawn = _draw_places(sampler, renderer, split, index, places)
            for layout in layouts:
                layout.write(drawn[layout.place], split, index)
        return len(scenes) * len(layouts)


def _draw_places(
    sampler: SceneSampler,
    renderer: Renderer,
    split: str,
    index: int,
    places: set[str | None],
) -> dict[str | None, RenderedScene]:
    """Draws what layouts of these places show under a number."""
    scenes = {place: sample_scene(sampler, split, index, place) for place in places}
    drawn = {scene: renderer.render(scene) for scene in set(scenes.values())}
    return {place: drawn[scene] for place, scene in scenes.items()}


def world_settings(
    layout: str = 'ade20k',
    num_train: int = 4000,
    num_val: int = 300,
    size: int = 128,
    seed: int = 0,
    style: str | None = None,
) -> Manifest:
    """Settings of a world, checked.

    Args:
        layout: Key of `LAYOUTS`, or ``'all'`` for every layout in a folder of its
            name.
        num_train: Number of training scenes.
        num_val: Number of validation scenes.
        size: Side of the pictures in pixels, 64 to 512.
        seed: Non-negative seed.
        style: Style of the pictures, one of `STYLES`; the layout's own if None.

    Raises:
        ValueError: A setting is invalid.
    """
    settings = Manifest(layout, seed, size, num_train, num_val, style)
    _check(settings)
    return settings


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
        layout: As in `world_settings`, like all others but these two.
        num_train: Number of training scenes.
        num_val: Number of validation scenes.
        size: Side of the pictures in pixels.
        seed: Seed of the world.
        workers: Number of processes.
        overwrite: Removes the layout's folders and the manifest from `root` first.
        style: Style of the pictures.

    Returns:
        Number of scenes that were drawn; zero if the world was complete.

    Raises:
        ValueError: A setting is invalid.
        FileExistsError: The folder holds something else, or a mini world of other
            settings, and `overwrite` is not set.
        OSError: A file cannot be written; a rerun completes the world.
    """
    settings = world_settings(layout, num_train, num_val, size, seed, style)
    return generate_worlds({root: settings}, workers, overwrite)


def generate_worlds(
    worlds: Mapping[str | Path, Manifest], workers: int = 1, overwrite: bool = False
) -> int:
    """Writes several mini worlds, or completes them, with one progress bar.

    A scene that several worlds show is drawn once. Nothing is written before all
    folders are found to be fit.

    Args:
        worlds: Settings of each world, by its folder.
        workers: As in `generate`.
        overwrite: As in `generate`.

    Returns:
        Number of scenes that were written, those of every world counted.

    Raises:
        ValueError: As in `generate`.
        FileExistsError: As in `generate`.
        OSError: As in `generate`.
    """
    if workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')
    roots = {Path(root): settings for root, settings in worlds.items()}
    parts = [part for root, each in roots.items() for part in _parts(root, each)]
    if not overwrite:
        for root, settings in [*roots.items(), *parts]:
            check_folder(root, settings)
    for root, settings in roots.items():
        if overwrite:
            clear_folder(root, settings.layout)
        prepare_folder(root, settings)
    for root, settings in parts:
        if root not in roots:
            prepare_folder(root, settings)
    drawn = _draw(_missing(parts), workers)
    for root, settings in parts:
        layout = LAYOUTS[settings.layout](root, settings.style)
        layout.write_summaries(settings.counts)
        replace(settings, status='complete').write(root)
    for root, settings in roots.items():
        replace(settings, status='complete').write(root)
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


def _check(manifest: Manifest) -> None:
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


def _parts(root: Path, manifest: Manifest) -> list[World]:
    """Lists the worlds to write, each of one layout, with their folders."""
    if manifest.layout != ALL_LAYOUTS:
        return [(root, manifest)]
    counts = manifest.num_train, manifest.num_val
    names = [name for name in LAYOUTS if count_scenes(name, *counts)]
    return [(root / name, replace(manifest, layout=name)) for name in names]


def _missing(parts: list[World]) -> dict[SceneJob, list[tuple[str, int]]]:
    """Scenes that are not complete, by who has to draw them."""
    total = sum(count_scenes(each.layout, *_counts(each)) for _, each in parts)
    worlds: dict[tuple, list[World]] = {}
    with tqdm(total=total, unit='scene', desc='Looking for scenes', delay=2) as bar:
        for root, settings in parts:
            layout = LAYOUTS[settings.layout](root, settings.style)
            for split in layout.splits:
                for index in range(settings.counts[split]):
                    if not layout.is_complete(split, index):
                        scene = settings.seed, settings.size, split, index
                        worlds.setdefault(scene, []).append((root, settings))
                    bar.update()
    jobs: dict[SceneJob, list[tuple[str, int]]] = {}
    for (*_, split, index), group in worlds.items():
        jobs.setdefault(SceneJob(tuple(group)), []).append((split, index))
    return jobs


def _counts(manifest: Manifest) -> tuple[int, int]:
    return manifest.num_train, manifest.num_val


def _draw(jobs: dict[SceneJob, list[tuple[str, int]]], workers: int) -> int:
    batches = []
    for job, scenes in jobs.items():
        size = max(1, SCENES_PER_BATCH // len(job.worlds))
        batches += [
            (job, scenes[start : start + size]) for start in range(0, len(scenes), size)
        ]
    total = sum(len(job.worlds) * len(scenes) for job, scenes in jobs.items())
    if not total:
        return 0
    title = 'Drawing the mini world'
    with tqdm(total=total, unit='scene', desc=title, mininterval=0.5) as bar:
        for done in run_batches(batches, workers):
            bar.update(done)
    return total
