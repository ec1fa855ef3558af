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
from ..utils.nested import walk
from .run import Run
from .settings import DATA, map_strings, used_settings
from .table import StudyError
from .tables_file import TablesFile

# Data loaders of a training, and of a further test.
_TRAINING, _TEST = ('train', 'val'), ('test',)
# Splits that a ``tables.yml`` counts under another name.
SAME_SAMPLES = {'test': 'val'}


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
    for name, folder in sorted(data_folders(runs).items()):
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
    """Says which files and data sets are missing or hold other numbers of samples.

    Every path of a config that begins with ``data/`` has to exist: the roots of data
    sets, files of captions, of detections and of annotations. Every data set is read.

    Args:
        runs: The runs.
        data: What data sets hold, by folder.

    Returns:
        A line for each problem.
    """
    problems: dict[str, None] = {}
    seen = set()
    for run in runs:
        init_default_scope(run.settings['default_scope'])
        for settings in (run.settings, *run.tests.values()):
            for name in _paths(used_settings(settings)):
                if not Path(run.place(name)).exists():
                    problems[f'data: {run.place(name)} does not exist'] = None
        for split, loader in data_loaders(run):
            for config in _data_sets(loader['dataset']):
                config = {**config, 'pipeline': [], 'indices': None}
                key = (split, repr(config))
                if key not in seen:
                    seen.add(key)
                    found = _check(run, config, SAME_SAMPLES.get(split, split), data)
                    problems.update(dict.fromkeys(found))
    return list(problems)


def data_loaders(run: Run) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Data loaders of a run and of its further tests, with their splits.

    Args:
        run: The run.

    Yields:
        ``'train'``, ``'val'`` or ``'test'``, and the config of the loader.
    """
    wholes = ((run.settings, _TRAINING), *((one, _TEST) for one in run.tests.values()))
    for settings, splits in wholes:
        for split in splits:
            loader = settings.get(f'{split}_dataloader')
            if loader:
                yield split, loader


def _check(
    run: Run, config: Mapping[str, Any], split: str, data: Mapping[str, Mapping]
) -> Iterator[str]:
    """Reads a data set and compares its length with the declared one."""
    if not all(Path(run.place(name)).exists() for name in _paths(config)):
        return  # is listed
    root = run.place(config['data_root'])
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            found = len(DATASETS.build(map_strings(config, run.place)))
        except Exception as error:  # whatever a host's data set raises is the finding
            yield f'data: {root} ({split}) cannot be read: {error}'
            return
    wanted = _declared(config, data).get(split, found)
    if found != wanted:
        yield f'data: {root} has {found} samples for {split}, not {wanted}'


def _declared(config: Mapping[str, Any], data: Mapping[str, Mapping]) -> Mapping:
    """Declared numbers of a data set, of several in one folder those of its name."""
    declared = data.get(config['data_root'], {})
    for name in _strings(config):
        if isinstance(declared.get(name), Mapping):
            return declared[name]
    return declared


def _paths(config: Any) -> list[str]:
    """All paths in the data folder, each once."""
    found = (text for text in _strings(config) if text.startswith(f'{DATA}/'))
    return list(dict.fromkeys(found))


def _strings(config: Any) -> Iterator[str]:
    return (each for each in walk(config) if isinstance(each, str))


def data_folders(runs: Sequence[Run]) -> dict[str, Path]:
    """Folders by the names that the configs give them."""
    return {
        config['data_root']: Path(run.place(config['data_root']))
        for run in runs
        for _, loader in data_loaders(run)
        for config in _data_sets(loader)
    }


def _data_sets(config: Any) -> Iterator[Mapping[str, Any]]:
    """All data sets with a ``data_root``."""
    for each in walk(config):
        if isinstance(each, Mapping) and isinstance(each.get('data_root'), str):
            yield each
