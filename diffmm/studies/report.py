"""A study's results as Markdown, as JSON and as a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..utils.atomic import write_atomically
from ..utils.text_table import format_table
from .picture import draw_bars
from .ranks import average_ranks, format_ranks
from .study import Study
from .summary import heading, summarize
from .table import Table


def format_report(study: Study, summary: Mapping[str, Any]) -> str:
    """Lays out a summary, and the published figures apart from it."""
    table = study.table
    where = 'on the mini world' if study.options.mini else 'full size'
    lines = [f'# {heading(summary)}', '']
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
