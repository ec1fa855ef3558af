"""Data sets that the runs of a study need."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.registry import DATASETS, init_default_scope

from ..mini_world.generation import generate_worlds, world_settings
from ..mini_world.manifest import Manifest
from ..mini_world.world_folder import check_folder
from .run import Run
from .settings import map_strings
from .table import StudyError, TablesFile

_LOADERS = {'train': 'train_dataloader', 'val': 'val_dataloader'}


def draw_data(
    runs: Sequence[Run], data: Mapping[str, Mapping], workers: int = 2
) -> None:
    """Draws the mini worlds of a study, or what is missing of them.

    Args:
        runs: The runs.
        data: What data sets hold, by folder, as a ``tables.yml`` declares it.
        workers: Number of processes.

    Raises:
        StudyError: A folder holds something else, such as other numbers of scenes.
    """
    worlds = {}
    for name, folder in sorted(_folders(runs).items()):
        if 'layout' in data.get(name, {}):
            try:
                worlds[folder] = world_settings(**data[name])
                check_folder(folder, worlds[folder])
            except (FileExistsError, ValueError) as error:
                options = ' '.join(
                    f'--{key.replace("_", "-")} {value}'
                    for key, value in data[name].items()
                )
                raise StudyError(
                    f'{error}: --data names another folder, and `python '
                    f'tools/mini_world/draw.py {folder} {options} --overwrite` replaces'
                ) from error
    generate_worlds(worlds, workers)


def declared_worlds(files: Sequence[TablesFile], folder: Path) -> dict[Path, Manifest]:
    """Collects the mini worlds that tables declare.

    Args:
        files: What the ``tables.yml`` declare.
        folder: Folder that stands for ``data``.

    Returns:
        Settings of each world, by its folder.

    Raises:
        StudyError: Settings are invalid, or two files declare a folder differently.
    """
    worlds: dict[Path, Manifest] = {}
    for file in files:
        for name, content in file.data.items():
            if 'layout' not in content:
                continue
            try:
                settings = world_settings(**content)
            except (TypeError, ValueError) as error:
                raise StudyError(f'{file.path}, data {name}: {error}') from error
            root = folder / Path(name).relative_to('data')
            known = worlds.setdefault(root, settings)
            if known != settings:
                raise StudyError(
                    f'{file.path} declares {name} with other settings than another '
                    f'file: {", ".join(known.differences(settings))}'
                )
    return worlds


def missing_data(runs: Sequence[Run], data: Mapping[str, Mapping]) -> list[str]:
    """Says which data sets are missing or hold other numbers of samples.

    Args:
        runs: The runs.
        data: What data sets hold, by folder.

    Returns:
        A line for each problem.
    """
    problems = {}
    for run in runs:
        init_default_scope(run.settings['default_scope'])
        settings = map_strings(run.settings, run.place)
        for split, loader in _LOADERS.items():
            names = list(_data_roots(run.settings[loader]['dataset']))
            for name in names:
                folder = Path(run.place(name))
                if not folder.is_dir():
                    problems[folder] = f'data: {folder} does not exist'
            wanted = data.get(names[0], {}).get(split) if len(names) == 1 else None
            key = (names[0], split) if names else None
            if (
                wanted
                and key not in problems
                and Path(run.place(names[0])) not in problems
            ):
                problems[key] = _count(settings[loader]['dataset'], split, wanted)
    return [problem for problem in problems.values() if problem]


def _count(config: Mapping[str, Any], split: str, wanted: int) -> str:
    """Says what is wrong with the number of samples, '' if nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            found = len(DATASETS.build({**config, 'pipeline': [], 'indices': None}))
        except Exception as error:  # whatever a host's data set raises is the finding
            return f'data: {config["data_root"]} ({split}) cannot be read: {error}'
    if found == wanted:
        return ''
    return f'data: {config["data_root"]} has {found} samples for {split}, not {wanted}'


def _folders(runs: Sequence[Run]) -> dict[str, Path]:
    """Folders by the names that the configs give them."""
    return {
        name: Path(run.place(name))
        for run in runs
        for loader in _LOADERS.values()
        for name in _data_roots(run.settings.get(loader))
    }


def _data_roots(config: Any) -> Iterator[str]:
    """All ``data_root`` in nested dicts and lists."""
    if isinstance(config, Mapping):
        if isinstance(config.get('data_root'), str):
            yield config['data_root']
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for item in config:
            yield from _data_roots(item)
