"""A table, and the runs that fill it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .options import Options, digest, slug
from .run import Measure, Run
from .settings import DATA, hash_settings, map_strings, place, resolve
from .table import Entry, Metric, Row, StudyError, Table, Task
from .tables_file import TablesFile

# The weights of the mini siblings, and the name of the same with a random UNet.
MINI, RANDOM = 'mini', 'random'
# Keys of configs among the settings of a test.
SIZES = ('config', 'mini')


@dataclass(frozen=True)
class Cell:
    """A row in one task, with what fills it.

    Attributes:
        row: The row.
        task: The task.
        entry: The row's part in the task.
        config: The config's file; None if there is nothing to train.
        metrics: The columns that were asked for.
        runs: A run for each seed; none for costs and controls.
    """

    row: Row
    task: Task
    entry: Entry
    config: Path | None
    metrics: tuple[Metric, ...]
    runs: Mapping[int, Run] = field(default_factory=dict)

    def measure(self, metric: Metric) -> Measure:
        """The figure of a run that a column shows."""
        test = self.entry.test or ''
        return Measure(metric.key, metric.at, metric.tta, test)

    def values(self, metric: Metric) -> dict[int, float]:
        """Figures of a column by seed, as far as they are known."""
        label = self.measure(metric).label
        return {
            seed: run.figures[label] * metric.scale
            for seed, run in self.runs.items()
            if label in run.figures
        }


class Study:
    """All runs of a table.

    Args:
        file: The file that declares the table.
        table: The table.
        options: What is asked for.

    Raises:
        StudyError: A row, metric or task that does not exist, a missing config or
            sibling, or a work dir of other settings.
    """

    def __init__(self, file: TablesFile, table: Table, options: Options) -> None:
        self.file = file
        self.table = table
        self.options = options
        self._runs: dict[str, Run] = {}
        metrics = [m.name for task in table.tasks.values() for m in task.metrics]
        self._require('row', options.rows, [row.name for row in table.rows])
        self._require('metric', options.metrics, list(dict.fromkeys(metrics)))
        self._require('task', options.tasks, list(table.tasks))
        self.cells = list(self._cells())

    @property
    def runs(self) -> list[Run]:
        """Every run once, seed by seed, so that a part of a study has whole rows."""
        ordered = [
            run
            for seed in self.options.seeds
            for cell in self.cells
            for run in _with_earlier(cell.runs.get(seed))
        ]
        return list(dict.fromkeys(ordered))

    @property
    def folder(self) -> Path:
        """Where the reports go; a part of a table has its own folder."""
        return self.options.work_dir / f'{self.whole}{self.options.part}'

    @property
    def whole(self) -> str:
        """Name of the folder of the whole table's reports."""
        size = '_mini' if self.options.mini else ''
        return f'{self.table.kind}_{self.table.name}{size}'

    @property
    def base_weights(self) -> str:
        """The weights that the mini siblings start from."""
        return self.options.weights or MINI

    @property
    def random_weights(self) -> str:
        """Folder of the same weights with a random UNet."""
        path = os.path.normpath(self.base_weights)
        if self.options.weights in (None, MINI):
            return f'pretrained/{MINI}-random'
        # Other weights may end in the same name.
        return f'pretrained/{Path(path).name}-random-{digest(path)}'

    def _require(
        self, what: str, asked: Sequence[str] | None, there: list[str]
    ) -> None:
        for name in asked or ():
            if name not in there:
                known = ', '.join(there)
                raise StudyError(
                    f'{self.table.label} has no {what} {name!r}, only: {known}'
                )

    def _cells(self) -> Iterator[Cell]:
        options = self.options
        for row in self.table.rows:
            if options.rows is not None and row.name not in options.rows:
                continue
            for name, entry in row.entries.items():
                task = self.table.tasks[name]
                metrics = tuple(
                    metric
                    for metric in task.metrics
                    if metric.key
                    and (options.metrics is None or metric.name in options.metrics)
                    and (metric.mini or not options.mini)
                )
                if metrics and (options.tasks is None or name in options.tasks):
                    yield self._cell(row, task, entry, metrics)

    def _cell(
        self, row: Row, task: Task, entry: Entry, metrics: tuple[Metric, ...]
    ) -> Cell:
        config = self._config(row, entry)
        cell = Cell(row, task, entry, config, metrics)
        trained = [metric for metric in metrics if not metric.is_cost]
        if config is None or entry.control or not trained:
            return cell
        runs = {
            seed: self._run(cell, seed, [cell.measure(metric) for metric in trained])
            for seed in self.options.seeds
        }
        return Cell(row, task, entry, config, metrics, runs)

    def _config(self, row: Row, entry: Entry) -> Path | None:
        name = entry.mini if self.options.mini else entry.config
        if name is None:
            if self.options.mini and entry.config:
                raise StudyError(
                    f'{self.table.label}, row {row.name!r}: {entry.config} has no mini '
                    f'sibling in {self.file.path}'
                )
            return None
        return self._path(row, name)

    def _path(self, row: Row, name: str) -> Path:
        path = self.file.folder / f'{name}.py'
        if not path.is_file():
            raise StudyError(
                f'{self.table.label}, row {row.name!r}: {path} does not exist'
            )
        return path

    def settings_of(self, cell: Cell) -> dict[str, Any]:
        """Settings of a cell's first seed, with the folders of this machine."""
        settings = self._settings(cell.config, self._overrides(cell), 0)
        return map_strings(settings, lambda text: place(text, self._paths()))

    def hash_of(self, cell: Cell) -> str:
        """Hash of a cell's settings, for figures that no seed changes."""
        return hash_settings(self._settings(cell.config, self._overrides(cell), 0))

    def _run(self, cell: Cell, seed: int, measures: list[Measure]) -> Run:
        """Makes a run, or finds the one that another row made."""
        entry, options = cell.entry, self.options
        name = '_'.join(
            [cell.config.stem, *filter(None, self._variant(cell)), f'seed{seed}']
        )
        before = self._earlier_run(cell, seed) if entry.after else None
        settings = self._settings(cell.config, self._overrides(cell), seed)
        if name not in self._runs:
            self._runs[name] = Run(
                options.work_dir / name,
                settings,
                [],
                paths=self._paths(),
                gpus=_recipe_gpus(cell.config),
                before=before,
            )
        run = self._runs[name]
        if run.settings != settings:
            raise StudyError(
                f'{self.table.label}: two rows of other settings have the run {name}; '
                'give one of them another variant'
            )
        run.measures += [one for one in measures if one not in run.measures]
        if entry.test:
            run.tests[entry.test] = self._test_settings(cell, seed)
        return run

    def _test_settings(self, cell: Cell, seed: int) -> dict[str, Any]:
        """Settings of a further test: changes of the row's config, or another one."""
        test, overrides = self.table.tests[cell.entry.test], self._overrides(cell)
        size = SIZES[self.options.mini]
        config = self._path(cell.row, test[size]) if size in test else cell.config
        own = {key: value for key, value in test.items() if key not in SIZES}
        return self._settings(config, [*overrides, own], seed)

    def _earlier_run(self, cell: Cell, seed: int) -> Run:
        """The run whose last checkpoint a row starts from."""
        after = cell.entry.after['mini' if self.options.mini else 'config']
        entry = Entry(schedule=cell.entry.schedule)
        earlier = Cell(cell.row, cell.task, entry, self._path(cell.row, after), ())
        return self._run(earlier, seed, [])

    def _variant(self, cell: Cell) -> tuple[str, ...]:
        """Parts of a run's name that tell it from others of its config."""
        entry = cell.entry
        own = entry.variant
        if not own and (entry.overrides or entry.weights):
            own = slug(cell.row.name)
        return (self._schedule(cell), own)

    def _schedule(self, cell: Cell) -> str:
        """Name of the schedule; full-size configs have their own."""
        if not self.options.mini:
            return ''
        own = cell.entry.schedule
        return cell.task.schedule if own is None else own

    def _overrides(self, cell: Cell) -> list[Mapping[str, Any]]:
        entry, options = cell.entry, self.options
        overrides = []
        if self._schedule(cell):
            overrides.append(self.file.schedules[self._schedule(cell)])
        overrides.append(entry.overrides)
        weights = self.random_weights if entry.weights == RANDOM else entry.weights
        weights = weights or options.weights
        if weights:
            overrides.append(dict(model=dict(backbone=dict(pretrained=weights))))
        return [*overrides, options.overrides]

    def _settings(
        self, config: Path, overrides: Sequence[Mapping[str, Any]], seed: int
    ) -> dict[str, Any]:
        return resolve(config, *overrides, dict(randomness=dict(seed=seed)))

    def _paths(self) -> dict[str, str]:
        if self.options.data == Path(DATA):
            return {}
        return {DATA: str(self.options.data.resolve())}


def _with_earlier(run: Run | None) -> Iterator[Run]:
    """A run after the run that it starts from."""
    if run is not None:
        yield from _with_earlier(run.before)
        yield run


def _recipe_gpus(config: Path) -> int:
    """GPUs of a recipe, from the ``8xb2`` in its config's name."""
    found = re.search(r'_(\d+)xb\d', config.stem)
    return int(found[1]) if found else 1
