"""Split files of CoOp: which pictures are trained on, and their classes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .text_file import check_file

PARTS = ('train', 'val', 'test')


class SplitFile(NamedTuple):
    """The contents of a split file.

    Attributes:
        rows: Path, label and class name of every picture, by part.
        classes: Names of the classes, in the order of the labels.
    """

    rows: Mapping[str, Sequence[tuple[str, int, str]]]
    classes: tuple[str, ...]


def read_split_file(path: Path) -> SplitFile:
    """Reads a ``split_zhou_*.json``.

    Args:
        path: The file. It has the parts ``train``, ``val`` and ``test``, each a list of
            ``[path, label, class name]``.

    Returns:
        What it says.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is malformed, a label has two names or a name two labels,
            or the labels do not count from 0.
    """
    check_file(path, 'it is a split file of CoOp')
    try:
        return check_split(json.loads(path.read_text(encoding='utf-8-sig')))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f'{path} is no split file ({error}): it needs lists of [path, label, '
            f'class name] under {PARTS}'
        ) from error


def check_split(content: Mapping[str, Sequence[Sequence]]) -> SplitFile:
    """Checks the lists of a split file.

    Args:
        content: ``[path, label, class name]`` of every picture, by part.

    Returns:
        What they say.

    Raises:
        ValueError: A label has two names or a name two labels, or the labels do not
            count from 0. Malformed rows raise what Python raises.
    """
    rows = {part: [_row(row) for row in content[part]] for part in PARTS}
    names: dict[int, str] = {}
    labels: dict[str, int] = {}
    for _, label, name in (row for part in PARTS for row in rows[part]):
        if names.setdefault(label, name) != name:
            raise ValueError(f'label {label} is {names[label]!r} and {name!r}')
        if labels.setdefault(name, label) != label:
            raise ValueError(f'{name!r} has the labels {labels[name]} and {label}')
    if sorted(names) != list(range(len(names))):
        raise ValueError(
            f'{len(names)} labels must count from 0 to {len(names) - 1}, got '
            f'{min(names)} to {max(names)}'
        )
    return SplitFile(rows, tuple(names[label] for label in range(len(names))))


def _row(row: Sequence) -> tuple[str, int, str]:
    path, label, name = row
    # SUN397 has lists whose paths begin with a slash.
    return path.lstrip('/'), label, name
