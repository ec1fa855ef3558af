"""The fault of a picture that a list names and that cannot be opened."""

from __future__ import annotations

from pathlib import Path

from mmengine.dataset import BaseDataset


def missing_file(path: str | Path, dataset: BaseDataset) -> str:
    """Says what is wrong with a file that a data set names.

    Args:
        path: The file.
        dataset: The data set.

    Returns:
        A predicate for messages, ``'does not exist'`` for instance, with the entry of
        the config that names a folder which is not there; '' where the file is there.
    """
    if Path(path).is_file():
        return ''
    if Path(path).is_dir():
        return 'is a folder'
    prefix = (dataset.data_prefix or {}).get('img_path')
    key, folder = ("data_prefix['img_path']", prefix) if prefix else ('data_root', None)
    folder = Path(folder or dataset.data_root or '.')
    if not folder.is_dir():
        return f'does not exist, nor does the folder {folder} of {key}'
    return 'does not exist'
