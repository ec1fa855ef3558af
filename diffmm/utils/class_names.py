"""Names of a data set's classes, and the key of a text that is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mmengine.registry import DATASETS

# Metainfo key of a text that is made of the annotation of its picture.
ORACLE_KEY = 'oracle_caption'


def resolve_class_names(
    dataset: str | None, classes: Sequence[str] | None
) -> tuple[str, ...]:
    """Takes class names as given, or from a data set's metainfo.

    Args:
        dataset: Registered name of a data set class, such as ``'ADE20KDataset'``.
        classes: The names themselves. They win over ``dataset``.

    Returns:
        The names, in the order of the labels.

    Raises:
        ValueError: If neither is given, a class is not a name, the data set is not
            registered, or it names no classes.
    """
    if classes is not None:
        # The order of a set of strings differs from process to process.
        if isinstance(classes, (str, set, frozenset)) or len(classes) == 0:
            raise ValueError(
                f'classes must be a non-empty list of names, got {classes!r}'
            )
        for name in classes:
            if not isinstance(name, str) or not name.strip():
                raise ValueError(f'classes must be names such as "tree", got {name!r}')
        return tuple(map(str, classes))
    if dataset is None:
        raise ValueError(
            'no class names are known: give `dataset` (a registered data '
            "set, such as 'ADE20KDataset') or `classes` (a list of names)"
        )
    # Searches the current default scope first, as building a config does.
    with DATASETS.switch_scope_and_registry(None) as registry:
        dataset_class = registry.get(dataset)
    if dataset_class is None:
        raise ValueError(
            f'dataset={dataset!r} is not registered; check the spelling, the default '
            "scope, and that its package is imported, or write e.g. 'mmseg.NAME'"
        )
    names = getattr(dataset_class, 'METAINFO', {}).get('classes')
    if not names:
        raise ValueError(
            f'{dataset} has no METAINFO["classes"]; give `classes` instead'
        )
    return tuple(names)


def read_class_file(path: Path, num_classes: int | None = None) -> tuple[str, ...]:
    """Reads a file of class names, a line for each, perhaps with its label behind it.

    Args:
        path: The file.
        num_classes: Number of classes that it must have; None accepts any.

    Returns:
        The names, in the order of the labels.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The number of classes is another one.
    """
    names = []
    for number, row in enumerate(read_lines(path)):
        name, _, label = row.rpartition(' ')
        names.append(name if name and label == str(number) else row)
    if num_classes not in (None, len(names)):
        raise ValueError(
            f'{path} has {len(names)} classes, not {num_classes}; it belongs to '
            'another split'
        )
    return tuple(names)


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a list that hold something, without blanks around them.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f'{path} does not exist; docs/datasets.md says how to prepare the data sets'
        )
    rows = path.read_text(encoding='utf-8-sig').splitlines()
    return [row.strip() for row in rows if row.strip()]
