"""The declarations of a ``tables.yml``; whatever does not fit is one clear error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml

from ..mini_world import generate
from .table import CONTROLS, Entry, Metric, Row, StudyError, Table, Task

SPLITS = ('train', 'val')
# Options of a drawn world; where and how it is drawn is no part of it.
WORLD = {
    name: kind
    for name, kind in get_type_hints(generate).items()
    if name not in ('root', 'workers', 'overwrite', 'return')
}
NAMES = {str: 'a text', bool: 'true or false', int: 'a whole number', float: 'a number'}


@dataclass(frozen=True)
class TablesFile:
    """Everything that a ``tables.yml`` declares.

    Attributes:
        path: The file; configs are in its folder.
        tables: Tables and figures.
        schedules: Settings of the mini siblings, by name, as nested dicts.
        weights: After how many iterations of its text-to-image training `mini` is
            written to a folder, by folder.
        data: What data sets hold, by folder: ``layout`` and options of the mini world,
            or the numbers of samples ``train`` and ``val``.
    """

    path: Path
    tables: tuple[Table, ...]
    schedules: Mapping[str, Mapping] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    data: Mapping[str, Mapping] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the configs are."""
        return self.path.parent

    def find(self, kind: str, name: str) -> Table:
        """Finds a table or a figure.

        Raises:
            StudyError: There is none; the message lists what there is.
        """
        for table in self.tables:
            if (table.kind, table.name) == (kind, name):
                return table
        declared = ', '.join(table.label for table in self.tables)
        raise StudyError(f'{self.path} declares no {kind} {name!r}, only: {declared}')


def load_tables(path: Path) -> TablesFile:
    """Reads and checks a ``tables.yml``.

    Args:
        path: The file.

    Raises:
        StudyError: There is no such file, or it declares something unknown or of the
            wrong type; the message says where.
    """
    if not path.is_file():
        raise StudyError(f'{path} does not exist')
    try:
        content = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = ' '.join(str(error).split())
        raise StudyError(f'{path} is no YAML: {reason}') from error
    if not content:
        raise StudyError(f'{path} declares nothing: it needs `tables` or `figures`')
    content = _mapping(content, str(path))
    tables = tuple(_read_tables(content, str(path)))
    if not tables:
        raise StudyError(f'{path} declares nothing: it needs `tables` or `figures`')
    file = _make(TablesFile, content, str(path), path=path, tables=tables)
    for name, value in file.schedules.items():
        _mapping(value, f'{path}, schedules, {name}')
    for name, value in file.weights.items():
        _require(value, int, f'{path}, weights, {name}')
    for name, value in file.data.items():
        _check_data(value, f'{path}, data, {name}')
    for table in file.tables:
        _check_names(file, table)
    return file


def _read_tables(content: dict, where: str) -> Iterator[Table]:
    """Takes the tables and figures out of a file's content."""
    for kind in ('table', 'figure'):
        declared = content.pop(f'{kind}s', None)
        if declared is not None:
            for name, value in _mapping(declared, f'{where}, {kind}s').items():
                yield _read_table(kind, name, value, f'{where}, {kind} {name}')


def _read_table(kind: str, name: str, content: Any, where: str) -> Table:
    content = _mapping(content, where)
    tasks = _mapping(_pop(content, 'tasks', where), f'{where}, tasks')
    tasks = {
        task: _read_task(task, value, f'{where}, task {task!r}')
        for task, value in tasks.items()
    }
    rows = _sequence(_pop(content, 'rows', where), f'{where}, rows')
    rows = tuple(_read_row(tasks, row, where) for row in rows)
    names = [row.name for row in rows]
    for row in names:
        if names.count(row) > 1:
            raise StudyError(f'{where}: two rows have the name {row!r}')
    table = _make(Table, content, where, name=name, kind=kind, tasks=tasks, rows=rows)
    for test, value in table.tests.items():
        _mapping(value, f'{where}, tests, {test}')
    for title, names in table.averages.items():
        place = f'{where}, averages, {title}'
        for task in _sequence(names, place):
            if task not in tasks:
                raise StudyError(
                    f'{place}: {task!r} is no task of the table; its tasks: '
                    f'{", ".join(tasks)}'
                )
    return table


def _read_task(name: str, content: Any, where: str) -> Task:
    content = _mapping(content, where)
    metrics = _mapping(_pop(content, 'metrics', where), f'{where}, metrics')
    metrics = tuple(
        _read_metric(title, value, f'{where}, metric {title!r}')
        for title, value in metrics.items()
    )
    return _make(Task, content, where, name=name, metrics=metrics)


def _read_metric(name: str, content: Any, where: str) -> Metric:
    metric = _make(Metric, _mapping(content, where), where, name=name)
    if not 0 < metric.at <= 1:
        raise StudyError(f'{where}: `at` is a share of the schedule, not {metric.at}')
    if metric.digits < 0:
        raise StudyError(f'{where}: `digits` is 0 or more, not {metric.digits}')
    return metric


def _read_row(tasks: Mapping[str, Task], content: Any, where: str) -> Row:
    content = _mapping(content, f'{where}, a row')
    name = _pop(content, 'name', f'{where}, a row')
    where = f'{where}, row {name!r}'
    _require(name, str, f'{where}, name')
    entries = {
        task: _read_entry(tasks[task].metrics, content.pop(task), f'{where}, {task}')
        for task in tasks
        if task in content
    }
    others = content.keys() - {'group'}
    if others:
        raise StudyError(
            f'{where}: {", ".join(sorted(map(repr, others)))} is no task of the table; '
            f'its tasks: {", ".join(tasks)}'
        )
    return _make(Row, content, where, name=name, entries=entries)


def _read_entry(metrics: Sequence[Metric], content: Any, where: str) -> Entry:
    """Figures stand in the order of the metrics; null is none."""
    content = _mapping(content, where)
    names = [metric.name for metric in metrics]
    figures = {}
    for source in ('published', 'released'):
        values = content.pop(source, [None] * len(names))
        place = f'{where}, {source}'
        if len(_sequence(values, place)) != len(names):
            raise StudyError(
                f'{place}: {values} must have a figure for each of {names}'
            )
        for value in values:
            if value is not None:
                _require(value, float, place)
        pairs = zip(names, values, strict=True)
        figures[source] = {name: value for name, value in pairs if value is not None}
    entry = _make(Entry, content, where, **figures)
    if entry.after is not None:
        _check_after(entry, f'{where}, after')
    return entry


def _check_after(entry: Entry, where: str) -> None:
    """The first training has a config in each size that the second has."""
    for size in ('config', 'mini'):
        if getattr(entry, size) and size not in entry.after:
            raise StudyError(f'{where}: an entry lacks {size!r}')
    for size, name in entry.after.items():
        if size not in ('config', 'mini'):
            raise StudyError(f'{where}: unknown key {size!r}; known: config, mini')
        _require(name, str, f'{where}, {size}')


def _check_data(content: Any, where: str) -> None:
    """A world to draw, or numbers of samples, also of several data sets by name."""
    content = _mapping(content, where)
    if 'layout' in content:
        for key, value in content.items():
            if key not in WORLD:
                known = ', '.join(WORLD)
                raise StudyError(f'{where}: unknown key {key!r}; known: {known}')
            _require(value, WORLD[key], f'{where}, {key}')
        return
    for key, value in content.items():
        if key in SPLITS:
            _require(value, int, f'{where}, {key}')
        elif isinstance(value, Mapping):
            _check_data(value, f'{where}, {key}')
        else:
            raise StudyError(
                f'{where}: {key!r} is neither `layout` nor one of {", ".join(SPLITS)}, '
                f'and {value!r} has none of them'
            )


def _check_names(file: TablesFile, table: Table) -> None:
    """Every name in a table must be declared."""
    known = dict(schedules=file.schedules, tests=table.tests, control=CONTROLS)

    def require(where: str, name: str | None) -> None:
        if name and name not in known[where]:
            raise StudyError(
                f'{file.path}, {table.label}: {name!r} is not in {where}: '
                f'{sorted(known[where])}'
            )

    for task in table.tasks.values():
        require('schedules', task.schedule)
    for row in table.rows:
        for entry in row.entries.values():
            require('schedules', entry.schedule)
            require('tests', entry.test)
            require('control', entry.control)


def _make(kind: type, content: Mapping[str, Any], where: str, /, **given: Any) -> Any:
    """Makes a record of what a file says; every value must have its field's type."""
    types = get_type_hints(kind)
    known = [one for one in fields(kind) if one.name not in given]
    names = [one.name for one in known]
    for key, value in content.items():
        if key not in names:
            raise StudyError(f'{where}: unknown key {key!r}; known: {", ".join(names)}')
        _require(value, types[key], f'{where}, {key}')
    for one in known:
        if one.default is MISSING and one.default_factory is MISSING:
            _pop(dict(content), one.name, where)
    return kind(**given, **content)


def _require(value: Any, kind: Any, where: str) -> None:
    """Compares a value with a type as annotations write it."""
    # Python 3.10 resolves annotations to the older of the two.
    union = get_origin(kind) in (UnionType, Union)
    kinds = get_args(kind) if union else (kind,)
    allowed = tuple(get_origin(one) or one for one in kinds)
    if isinstance(value, bool):
        fits = bool in allowed
    else:
        fits = isinstance(value, (*allowed, *((int,) if float in allowed else ())))
    if not fits:
        wanted = ' or '.join(
            NAMES.get(one, 'a mapping') for one in allowed if one is not type(None)
        )
        raise StudyError(f'{where}: {value!r} is not {wanted}')


def _mapping(content: Any, where: str) -> dict[str, Any]:
    """A copy with texts for keys: YAML reads the name of table 5 as a number."""
    if not isinstance(content, Mapping):
        raise StudyError(f'{where}: {content!r} is not a mapping')
    return {str(key): value for key, value in content.items()}


def _sequence(content: Any, where: str) -> list:
    if not isinstance(content, list):
        raise StudyError(f'{where}: {content!r} is not a list')
    return content


def _pop(content: dict, key: str, where: str) -> Any:
    if key not in content:
        raise StudyError(f'{where}: an entry lacks {key!r}')
    return content.pop(key)
