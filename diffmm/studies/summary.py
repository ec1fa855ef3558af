"""All figures of a study as plain data: over seeds, tasks and earlier reports."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from .options import PART
from .study import Cell, Study
from .table import Metric


def summarize(study: Study, constants: Mapping[tuple, float]) -> dict[str, Any]:
    """Collects all figures of a study.

    Args:
        study: The study; what has not been measured yet is left out.
        constants: Figures that no seed changes (costs, controls), by row, task and
            metric.

    Returns:
        Plain data: for each task and metric, rows with the seeds' values, ``mean`` and
        ``std`` (over n - 1; 0 for one seed), and for each run its folder, the hash of
        its settings and its number of GPUs, if that is not the recipe's.
    """
    columns = [
        _summarize_column(study, task, metric, constants)
        for task in study.table.tasks
        for metric in study.table.tasks[task].metrics
    ]
    columns = [column for column in columns if column['rows']]
    return dict(
        table=study.table.label,
        title=study.table.title,
        mini=study.options.mini,
        seeds=list(study.options.seeds),
        columns=columns + list(_averages(study, columns)),
        runs={run.name: run.hash for run in study.runs},
        gpus={
            run.name: dict(used=run.gpus_used, recipe=run.gpus)
            for run in study.runs
            if run.gpus_used not in (None, run.gpus)
        },
    )


def read_constants(study: Study) -> dict[tuple, float]:
    """Figures without seeds that earlier reports have, as :func:`summarize` wants.

    Reports of parts of the table count, too; figures of other settings do not.
    """
    hashes = {
        (cell.row.name, cell.task.name): study.hash_of(cell)
        for cell in study.cells
        if cell.config is not None
    }
    return {
        (row['row'], column['task'], column['metric']): row['mean']
        for file in _earlier_reports(study)
        for column in json.loads(file.read_text())['columns']
        for row in column['rows']
        if row.get('hash', '') == hashes.get((row['row'], column['task']))
    }


def _earlier_reports(study: Study) -> Iterator[Path]:
    whole = glob.escape(study.whole)
    for name in (whole, f'{whole}{PART}*'):
        yield from study.options.work_dir.glob(f'{name}/table.json')


def heading(summary: Mapping[str, Any]) -> str:
    """Writes the heading of a summary, such as ``'Table S1: Texts of Pascal VOC'``.

    Args:
        summary: What `summarize` returns.
    """
    label = summary['table']
    return f'{label[0].upper()}{label[1:]}: {summary["title"]}'


def _summarize_column(
    study: Study, task: str, metric: Metric, constants: Mapping[tuple, float]
) -> dict[str, Any]:
    rows = []
    for cell in study.cells:
        if cell.task.name != task or metric not in cell.metrics:
            continue
        values = cell.values(metric)
        constant = constants.get((cell.row.name, task, metric.name))
        if constant is not None:
            found = study.hash_of(cell)
            rows.append(dict(row=cell.row.name, mean=constant, hash=found))
        elif cell.runs:
            rows.append(_summarize_cell(cell, values))
    best = _best_rows(study, rows, metric)
    return dict(
        task=task, metric=metric.name, digits=metric.digits, rows=rows, best=best
    )


def _summarize_cell(cell: Cell, values: Mapping[int, float]) -> dict[str, Any]:
    return dict(
        _spread(cell.row.name, {str(seed): value for seed, value in values.items()}),
        config=cell.config.stem,
        runs={str(seed): run.name for seed, run in cell.runs.items()},
    )


def _averages(study: Study, columns: list[dict]) -> Iterator[dict[str, Any]]:
    """Averages over tasks, of the rows that have a figure in each of them."""
    for title, tasks in study.table.averages.items():
        first = [study.table.tasks[task].metrics[0].name for task in tasks]
        found = [
            {row['row']: row for row in column['rows']}
            for pair in zip(tasks, first, strict=True)
            for column in columns
            if (column['task'], column['metric']) == pair
        ]
        if len(found) < len(tasks):
            continue
        rows = []
        for name in found[0]:
            cells = [column.get(name, {}).get('values', {}) for column in found]
            seeds = [seed for seed in cells[0] if all(seed in cell for cell in cells)]
            values = {seed: mean(cell[seed] for cell in cells) for seed in seeds}
            if values:
                rows.append(_spread(name, values))
        digits = study.table.tasks[tasks[0]].metrics[0].digits
        if rows:
            yield dict(task=title, metric=first[0], digits=digits, rows=rows, best={})


def _spread(name: str, values: Mapping[str, float]) -> dict[str, Any]:
    figures = list(values.values())
    return dict(
        row=name,
        values=dict(values),
        mean=mean(figures) if figures else None,
        std=stdev(figures) if len(figures) > 1 else 0.0,
    )


def _best_rows(study: Study, rows: list[dict], metric: Metric) -> dict[str, str]:
    """The best row of each group."""
    groups: dict[str, list[dict]] = {}
    by_name = {row.name: row.group for row in study.table.rows}
    for row in rows:
        if by_name[row['row']] and row['mean'] is not None:
            groups.setdefault(by_name[row['row']], []).append(row)
    pick = min if metric.lower else max
    return {
        group: pick(members, key=lambda row: row['mean'])['row']
        for group, members in groups.items()
    }
