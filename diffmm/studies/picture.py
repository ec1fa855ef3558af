"""A study's results as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..utils.atomic import write_atomically
from .summary import heading


def draw_bars(summary: Mapping[str, Any], path: Path) -> None:
    """Draws a bar for each row, its standard deviation over seeds, and every seed.

    Args:
        summary: Result of ``summarize``.
        path: PNG file to write; nothing is written if nothing was measured.
    """
    columns = [
        dict(column, rows=[row for row in column['rows'] if row['mean'] is not None])
        for column in summary['columns']
    ]
    columns = [column for column in columns if column['rows']]
    if not columns:
        return
    height = 1 + 0.35 * max(len(column['rows']) for column in columns)
    figure = Figure(figsize=(6 * len(columns), height), layout='constrained')
    axes = figure.subplots(1, len(columns), squeeze=False)[0]
    for ax, column in zip(axes, columns, strict=True):
        _draw_column(ax, column)
    figure.suptitle(heading(summary), fontsize=10)
    content = io.BytesIO()
    FigureCanvasAgg(figure).print_png(content)
    write_atomically(path, content.getvalue())


def _draw_column(ax: Axes, column: Mapping[str, Any]) -> None:
    rows = column['rows']
    names = [row['row'] for row in rows]
    means = [row['mean'] for row in rows]
    spreads = [row.get('std', 0.0) for row in rows]
    places = range(len(rows))
    ax.barh(places, means, xerr=spreads, color='#9ecae1', ecolor='#08519c', capsize=3)
    for place, row in zip(places, rows, strict=True):
        values = list(row.get('values', {}).values())
        ax.plot(values, [place] * len(values), '.', color='#08306b', markersize=4)
    ax.set_yticks(places, names, fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel(f'{column["task"]}, {column["metric"]}', fontsize=9)
