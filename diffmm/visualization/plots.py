"""Plots of matrices and of points with a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def save_matrices(
    path: Path, matrices: dict[str, np.ndarray], names: Sequence[str]
) -> None:
    """Draws matrices of one color scale side by side.

    Args:
        path: The PNG file; its folder is made.
        matrices: Matrices (C, C) by title, values in [0, 1].
        names: Name of every row and column.
    """
    side = 1.5 + 0.3 * len(names)
    figure = Figure(figsize=(side * len(matrices), side), layout='constrained')
    FigureCanvasAgg(figure)
    for index, (title, matrix) in enumerate(matrices.items()):
        axes = figure.add_subplot(1, len(matrices), index + 1)
        # A logarithm shows the small scores that texts change.
        shown = np.log10(np.maximum(matrix, 1e-4))
        image = axes.imshow(shown, vmin=-4, vmax=0)
        axes.set_title(title)
        axes.set_xticks(range(len(names)), names, rotation=90)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel('score of')
        axes.set_ylabel('pixels of')
    figure.colorbar(image, label='log10 of the mean score', shrink=0.7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def save_regression(
    path: Path,
    points: Sequence[tuple[float, float]],
    line: tuple[float, float],
    labels: tuple[str, str],
    title: str,
) -> None:
    """Draws points and a line through them.

    Args:
        path: The PNG file; its folder is made.
        points: Pairs of x and y.
        line: Slope and intercept.
        labels: Of the two axes.
        title: Of the plot.
    """
    figure = Figure(figsize=(5, 4), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    x, y = np.array(points).T
    axes.scatter(x, y, s=8, alpha=0.4)
    ends = np.array([x.min(), x.max()])
    axes.plot(ends, line[0] * ends + line[1], color='black')
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.set_title(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
