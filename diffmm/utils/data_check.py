"""Checks of the data sets of a run as soon as they are built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.dataset import InfiniteSampler
from mmengine.runner import Runner
from torch.utils.data import DataLoader

# Keys of data_prefix under which the hosts and DiffMM look for pictures.
_PICTURES = ('img_path', 'img')
_PLACES = ('ann_file', 'data_root', 'data_prefix')
# What MMEngine says when it packs an empty list.
_SERIALIZED_NOTHING = 'need at least one array to concatenate'


def check_data_of(runner: Runner) -> None:
    """Has a runner check every data set that it builds.

    MMEngine's ``InfiniteSampler`` waits forever for the first picture of an empty data
    set, a scheduler only says that an epoch has no length, and a test whose pictures
    are elsewhere would fail after the training.

    Args:
        runner: The runner; its loops are not built yet.
    """
    build = runner.build_dataloader

    def build_and_check(config: Any, *args: Any, **kwargs: Any) -> DataLoader:
        try:
            loader = build(config, *args, **kwargs)
        except ValueError as error:
            if _SERIALIZED_NOTHING not in str(error):
                raise
            dataset = config['dataset']
            while 'dataset' in dataset:
                dataset = dataset['dataset']
            raise ValueError(_no_pictures(dataset['type'], dataset)) from error
        for dataset in single_datasets(loader.dataset):
            check_dataset(dataset)
        # An endless sampler fills its batches with the next round.
        if not isinstance(loader.sampler, InfiniteSampler) and len(loader) == 0:
            raise ValueError(
                f'the {type(loader.dataset).__name__} has {len(loader.dataset)} '
                f'pictures, which fill no batch of {loader.batch_size}, and drop_last '
                'is set: lower batch_size'
            )
        return loader

    runner.build_dataloader = build_and_check


def single_datasets(dataset: Any) -> list[Any]:
    """Lists the data sets that a wrapper joins or repeats, or the one that is none.

    Args:
        dataset: A data set.
    """
    inner = getattr(dataset, 'datasets', None) or [getattr(dataset, 'dataset', None)]
    if inner == [None]:
        return [dataset]
    return [single for each in inner for single in single_datasets(each)]


def check_dataset(dataset: Any) -> None:
    """Refuses a data set without pictures, or without the folder of its pictures.

    Args:
        dataset: A data set that is not wrapped.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It is empty.
    """
    kind = type(dataset).__name__
    if hasattr(dataset, '__len__') and len(dataset) == 0:
        raise ValueError(_no_pictures(kind, vars(dataset)))
    prefix = getattr(dataset, 'data_prefix', None) or {}
    for key in _PICTURES:
        folder = prefix.get(key)
        # Other storage than the disk has its own checks.
        if not folder or '://' in folder or getattr(dataset, 'backend_args', None):
            continue
        if not Path(folder).is_dir():
            what = 'is a file' if Path(folder).is_file() else 'does not exist'
            raise FileNotFoundError(
                f'the folder {folder} {what}, where the {kind} has its pictures'
            )


def _no_pictures(kind: str, entries: Mapping[str, Any]) -> str:
    places = {name: entries[name] for name in _PLACES if entries.get(name)}
    said = ', '.join(f'{name}={value!r}' for name, value in places.items())
    return (
        f'the {kind} of {said or "the config"} has no pictures: the list is empty, or '
        'the ending of the files or the names of the classes do not fit'
    )
