"""Plots over the timesteps of a diffusion model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw_timestep_weights(
    weights: Mapping[str, Sequence[float]], ylabel: str = 'weight'
) -> np.ndarray:
    """Draws weights of all timesteps, on a logarithmic scale.

    Args:
        weights: A weight for each timestep, by title.
        ylabel: What they are.

    Returns:
        RGB picture, (H, W, 3), uint8.
    """
    figure, axes = _new_axes(ylabel)
    for title, values in weights.items():
        shown = np.asarray(values, dtype=float)
        axes.plot(np.arange(len(shown)), np.where(shown > 0, shown, np.nan))
        axes.lines[-1].set_label(title)
    axes.set_yscale('log')
    # All of the schedule, also where weights are 0 and not shown.
    axes.set_xlim(max(map(len, weights.values())) - 1, 0)
    return _finish(figure, axes, len(weights))


def draw_metric_curves(
    curves: Mapping[str, tuple[Sequence[int], Sequence[float]]], ylabel: str
) -> np.ndarray:
    """Draws a metric over the steps of denoising, noise on the left.

    Args:
        curves: Timesteps and the metric there, by title.
        ylabel: Name of the metric.

    Returns:
        RGB picture, (H, W, 3), uint8.
    """
    figure, axes = _new_axes(ylabel)
    for title, (timesteps, values) in curves.items():
        axes.plot(timesteps, values, marker='o', markersize=4, label=title)
    return _finish(figure, axes, len(curves))


def _new_axes(ylabel: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6, 4), dpi=100, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_xlabel('timestep t')
    axes.set_ylabel(ylabel)
    axes.invert_xaxis()  # in the order of denoising
    axes.grid(alpha=0.3)
    return figure, axes


def _finish(figure: Figure, axes: Axes, count: int) -> np.ndarray:
    if count > 1:  # above, because names of checkpoints are as wide as the axes
        figure.legend(loc='outside upper left', fontsize='small', frameon=False)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
