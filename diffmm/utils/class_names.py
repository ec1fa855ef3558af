"""Names of classes: from lists, files and data sets; how they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mmengine.registry import DATASETS

from .split_file import read_split_file
from .text_file import check_file, read_text

# Metainfo key of a text that is made of the annotation of its picture.
ORACLE_KEY = 'oracle_caption'
# Name of the class of what is no thing; texts do not say it.
BACKGROUND = 'background'
# Numbers from this multiple of the number of classes on are no labels of theirs.
_LARGEST_LABEL = 2


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
    """Reads a file of class names.

    A line is a name, perhaps with words for the same thing behind commas, or perhaps
    with its label behind or before it. A ``.json`` file is a split file of CoOp.

    Args:
        path: The file.
        num_classes: Number of classes that it must have; None accepts any.

    Returns:
        The names, in the order of the labels.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The number of classes is another one, or the labels are not in
            their order.
    """
    if path.suffix == '.json':
        names = read_split_file(path).classes
    else:
        names = _without_labels(path, read_lines(path))
    if num_classes not in (None, len(names)):
        raise ValueError(
            f'{path} has {len(names)} classes, not {num_classes}; it belongs to '
            'another split'
        )
    return names


def _without_labels(path: Path, rows: list[str]) -> tuple[str, ...]:
    """Takes labels off the lines, if every line has its own."""
    behind = [tuple(row.rsplit(None, 1)[::-1]) for row in rows]
    before = [tuple(row.split(None, 1)) for row in rows]
    for parts in (behind, before):
        if not all(len(part) == 2 and part[0].isdecimal() for part in parts):
            continue
        labels = [int(label) for label, _ in parts]
        # Names may end in numbers: car models have their year.
        if max(labels, default=0) >= _LARGEST_LABEL * len(rows):
            continue
        for number, label in enumerate(labels):
            if label != number:
                raise ValueError(
                    f'{path}: line {number + 1}, {rows[number]!r}, must have the label '
                    f'{number}: labels count from 0, in the order of the lines'
                )
        return tuple(name for _, name in parts)
    return tuple(rows)


def split_synonyms(name: str) -> list[str]:
    """Splits a class name into the words for the same thing: "building, edifice"."""
    return [word.strip() for word in name.split(',') if word.strip()]


def normalize_name(name: str) -> str:
    """Writes a name as it is compared: "Potted_Plant" is "potted plant"."""
    return ' '.join(name.replace('_', ' ').casefold().split())


def check_repeats(names: Sequence[str], where: str) -> None:
    """Refuses a class list that repeats a name.

    A class may have the name of another's synonym. Lists of ADE20K do ("screen" beside
    "blind, screen"), and the mean over all synonyms tells the two apart.

    Args:
        names: The names.
        where: What the message calls the list.

    Raises:
        ValueError: Two classes have one name; capitals, underscores and the order of
            words for the same thing do not count.
    """
    first: dict[frozenset[str], int] = {}
    for number, name in enumerate(names):
        words = frozenset(map(normalize_name, split_synonyms(name) or [name]))
        other = first.setdefault(words, number)
        if other != number:
            raise ValueError(
                f'{where} repeats a name: classes {other} and {number} are both '
                f'{name!r}; text cannot tell them apart. Give one of them another name'
            )


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a list that hold something, without blanks around them.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no UTF-8.
    """
    check_file(path, 'docs/datasets.md says how to prepare the data sets')
    rows = read_text(path).splitlines()
    return [row.strip() for row in rows if row.strip()]
