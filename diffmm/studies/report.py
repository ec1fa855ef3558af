"""A study's results as Markdown, as JSON and as a picture."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from ..utils.atomic import write_atomically
from ..utils.text_table import format_table
from .options import PART
from .picture import draw_bars
from .ranks import average_ranks, format_ranks
from .study import Cell, Study
from .table import Metric, Table


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


def format_report(study: Study, summary: Mapping[str, Any]) -> str:
    """Lays out a summary, and the published figures apart from it."""
    table = study.table
    where = 'on the mini world' if study.options.mini else 'full size'
    lines = [f'# {table.label.capitalize()}: {table.title}', '']
    lines += [table.note, ''] if table.note else []
    lines += [f'## Measured with this code, {where}', '']
    for column in summary['columns']:
        lines += [*_format_column(study, column), '']
    if table.ranks:
        lines += _format_ranks(_measured_columns(table, summary))
    for name, gpus in summary['gpus'].items():
        lines += [
            f'{name}: {gpus["used"]} GPUs for the {gpus["recipe"]} of the recipe; the '
            'learning rates are scaled by as much (auto_scale_lr).',
            '',
        ]
    published = format_published(table)
    if published:
        lines += ['## Published', '', published, '']
        if table.ranks:
            lines += _format_ranks(_published_columns(table))
    return '\n'.join(lines)


def _measured_columns(
    table: Table, summary: Mapping[str, Any]
) -> list[tuple[dict[str, float], bool]]:
    """Measured figures by row, of columns that have some."""
    lower = {
        (task.name, metric.name): metric.lower
        for task in table.tasks.values()
        for metric in task.metrics
    }
    found = []
    for column in summary['columns']:
        figures = {
            row['row']: round(row['mean'], column['digits'])
            for row in column['rows']
            if row['mean'] is not None
        }
        if figures:
            found.append((figures, lower[column['task'], column['metric']]))
    return found


def _published_columns(table: Table) -> list[tuple[dict[str, float], bool]]:
    """Published figures by row."""
    found = []
    for task in table.tasks.values():
        for metric in task.metrics:
            figures = {
                row.name: row.entries[task.name].published[metric.name]
                for row in table.rows
                if task.name in row.entries
                and metric.name in row.entries[task.name].published
            }
            if figures:
                found.append((figures, metric.lower))
    return found


def _format_ranks(columns: list[tuple[dict[str, float], bool]]) -> list[str]:
    if len(columns) < 2:
        return []
    ranks = average_ranks(columns)
    return [f'Average rank over {len(columns)} columns', '', format_ranks(ranks), '']


def _format_column(study: Study, column: Mapping[str, Any]) -> Iterator[str]:
    seeds = [str(seed) for seed in study.options.seeds]
    digits = column['digits']

    def number(value: float | None) -> str:
        return '' if value is None else f'{value:.{digits}f}'

    rows = []
    for row in column['rows']:
        values = row.get('values', {})
        spread = number(row['std']) if len(values) > 1 else ''
        cells = [number(values.get(seed)) for seed in seeds]
        rows.append([row['row'], *cells, number(row['mean']), spread])
    yield f'{column["task"]}, {column["metric"]}'
    yield ''
    header = ['row', *(f'seed {seed}' for seed in seeds), 'mean', 'std']
    yield format_table(header, rows, numbers_from=1, markdown=True)
    best = column['best']
    if best:
        yield ''
        means = {row['row']: row for row in column['rows']}
        yield 'Best of each: ' + '; '.join(
            f'{group}: {name}, {number(means[name]["mean"])}'
            for group, name in best.items()
        )


def format_published(table: Table) -> str:
    """The published figures of a table, or '' where no paper has it."""
    rows = list(_published_rows(table))
    used = {column for _, _, found in rows for column in found}
    columns = [
        (task.name, metric.name)
        for task in table.tasks.values()
        for metric in task.metrics
        if (task.name, metric.name) in used
    ]
    if not columns:
        return ''
    has_notes = any(note for _, note, _ in rows)
    cells = [
        [name, *[note] * has_notes, *(_published(found.get(one)) for one in columns)]
        for name, note, found in rows
    ]
    header = ['row', *['note'] * has_notes]
    titles = [
        metric if len(table.tasks) == 1 else f'{task}, {metric}'
        for task, metric in columns
    ]
    return format_table(
        [*header, *titles], cells, numbers_from=len(header), markdown=True
    )


def _published_rows(table: Table) -> Iterator[tuple[str, str, dict[tuple, float]]]:
    """Name, note and figures by task and metric: the paper's, the released code's."""
    for row in table.rows:
        notes = {entry.note for entry in row.entries.values() if entry.note}
        note = ', '.join(sorted(notes))
        for source, name in (
            ('published', row.name),
            ('released', f"{row.name} (released code's README)"),
        ):
            found = {
                (task, metric): value
                for task, entry in row.entries.items()
                for metric, value in getattr(entry, source).items()
            }
            if found:
                yield name, note, found


def _published(value: float | None) -> str:
    return '' if value is None else f'{value:g}'


def write_report(study: Study, constants: Mapping[tuple, float]) -> Path:
    """Prints a study's tables and keeps them.

    Args:
        study: The study.
        constants: As for :func:`summarize`.

    Returns:
        The folder that got ``table.md``, ``table.json`` and ``table.png``.
    """
    summary = summarize(study, constants)
    text = format_report(study, summary)
    print(text)
    folder = study.folder
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / 'table.md', text.encode())
    figures = json.dumps(summary, indent=1) + '\n'
    write_atomically(folder / 'table.json', figures.encode())
    draw_bars(summary, folder / 'table.png')
    return folder
