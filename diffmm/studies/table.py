"""Tables of papers as ``configs/<folder>/tables.yml`` declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

COSTS = ('flops', 'parameters')
CONTROLS = ('row depth',)


class StudyError(ValueError):
    """A study that cannot run as it was asked for."""


@dataclass(frozen=True)
class Metric:
    """One figure of a run.

    Attributes:
        name: Title of its column.
        key: Its name in the log of a validation, such as ``'mIoU'``; or one of
            ``COSTS``, which is counted and not trained for; or '' for a figure that
            is only published.
        at: Share of the schedule after which it is read.
        tta: With test-time augmentation.
        scale: Factor between the log and the table, 100 for per cent.
        digits: Digits after the point.
        lower: The lower, the better.
        mini: Whether the mini world has it, too.
    """

    name: str
    key: str = ''
    at: float = 1.0
    tta: bool = False
    scale: float = 1.0
    digits: int = 2
    lower: bool = False
    mini: bool = True

    @property
    def is_cost(self) -> bool:
        """Tells whether it needs no training."""
        return self.key in COSTS


@dataclass(frozen=True)
class Entry:
    """A row's part in one task of a table.

    Attributes:
        config: Name of the full-size config, without ``.py``.
        mini: Name of its mini sibling.
        published: The paper's figures, by the metric's name.
        released: Those of the released code's README.
        overrides: What differs from the config, as a nested dict.
        variant: Name of these overrides (and of other weights), for the run's folder.
        weights: Other pre-trained weights: a folder, or ``'random'`` for those of the
            config with a random UNet.
        test: What differs in the test alone, a key of the table's ``tests``.
        schedule: Schedule of the mini sibling instead of the task's.
        after: Config that is trained first, as ``dict(config=..., mini=...)``; its last
            checkpoint is where this one starts.
        control: A figure without a network, one of ``CONTROLS``.
        note: A remark of the paper, such as the length of the schedule.
    """

    config: str | None = None
    mini: str | None = None
    published: Mapping[str, float] = field(default_factory=dict)
    released: Mapping[str, float] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ''
    weights: str | None = None
    test: str | None = None
    schedule: str | None = None
    after: Mapping[str, str] | None = None
    control: str | None = None
    note: str = ''


@dataclass(frozen=True)
class Row:
    """A row: one method, or one variant of it.

    Attributes:
        name: Its title.
        entries: By task.
        group: Rows of a group are one method with several settings; the table says
            which of them is the best.
    """

    name: str
    entries: Mapping[str, Entry]
    group: str = ''


@dataclass(frozen=True)
class Task:
    """Columns of a table that come from the same run.

    Attributes:
        name: Its name, such as that of the data set.
        metrics: The columns.
        schedule: Name of the schedule of the mini siblings, a key of ``schedules`` in
            the file; '' leaves theirs.
    """

    name: str
    metrics: tuple[Metric, ...]
    schedule: str = ''


@dataclass(frozen=True)
class Table:
    """A table or a figure.

    Attributes:
        name: Its number in the paper, or a name where no paper has it.
        kind: ``'table'`` or ``'figure'``.
        title: What it compares.
        tasks: By name.
        rows: The rows.
        tests: Settings of further tests, by name, as nested dicts.
        note: What a reader of the result has to know.
    """

    name: str
    kind: str
    title: str
    tasks: Mapping[str, Task]
    rows: tuple[Row, ...]
    tests: Mapping[str, Mapping] = field(default_factory=dict)
    note: str = ''

    @property
    def label(self) -> str:
        """Its name with its kind, such as ``'table 5'``."""
        return f'{self.kind} {self.name}'

    def is_mini_only(self) -> bool:
        """Tells whether no row has a full-size config."""
        return not any(
            entry.config for row in self.rows for entry in row.entries.values()
        )


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
        StudyError: There is no such file, or it declares something unknown.
    """
    if not path.is_file():
        raise StudyError(f'{path} does not exist')
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        reason = ' '.join(str(error).split())
        raise StudyError(f'{path} is no YAML: {reason}') from error
    if not isinstance(content, dict):
        raise StudyError(f'{path} declares nothing: it needs `tables` or `figures`')
    try:
        tables = [
            _read_table(kind, str(name), value)
            for kind in ('table', 'figure')
            for name, value in (content.pop(f'{kind}s', None) or {}).items()
        ]
        file = TablesFile(path, tuple(tables), **content)
    except KeyError as error:
        raise StudyError(f'{path}: an entry lacks {error}') from error
    except TypeError as error:
        raise StudyError(f'{path}: {error}') from error
    for table in file.tables:
        _check(file, table)
    return file


def _read_table(kind: str, name: str, content: Mapping) -> Table:
    content = dict(content)
    tasks = {
        task: Task(
            task,
            tuple(
                Metric(title, **metric)
                for title, metric in value.pop('metrics').items()
            ),
            **value,
        )
        for task, value in (
            (key, dict(value)) for key, value in content.pop('tasks').items()
        )
    }
    rows = tuple(_read_row(tasks, row) for row in content.pop('rows'))
    return Table(name, kind, tasks=tasks, rows=rows, **content)


def _read_row(tasks: Mapping[str, Task], content: Mapping) -> Row:
    content = dict(content)
    entries = {
        task: _read_entry(tasks[task].metrics, content.pop(task))
        for task in tasks
        if task in content
    }
    name, group = content.pop('name'), content.pop('group', '')
    if content:
        raise StudyError(
            f'row {name!r}: {", ".join(map(repr, content))} is no task of the table; '
            f'its tasks: {", ".join(tasks)}'
        )
    return Row(name, entries, group)


def _read_entry(metrics: Sequence[Metric], content: Mapping) -> Entry:
    """Figures stand in the order of the metrics; null is none."""
    content = dict(content)
    names = [metric.name for metric in metrics]
    for source in ('published', 'released'):
        values = content.pop(source, [None] * len(names))
        if len(values) != len(names):
            raise StudyError(
                f'{source}: {values} must have a figure for each of {names}'
            )
        pairs = zip(names, values, strict=True)
        content[source] = {name: value for name, value in pairs if value is not None}
    return Entry(**content)


def _check(file: TablesFile, table: Table) -> None:
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
