from __future__ import annotations

import cv2
import pytest

from diffmm.studies import draw_bars, picture


def column(*rows, task='depth'):
    return dict(task=task, metric='abs_rel', rows=list(rows))


def row(name, *values):
    mean = sum(values) / len(values) if values else None
    seeds = {str(seed): value for seed, value in enumerate(values)}
    return dict(row=name, mean=mean, std=0.5, values=seeds)


def summary(*columns):
    return dict(table='table S1', title='Two rows', columns=columns)


@pytest.fixture
def figures(monkeypatch):
    """Collects the figures that are drawn."""
    drawn, canvas = [], picture.FigureCanvasAgg

    def record(figure):
        drawn.append(figure)
        return canvas(figure)

    monkeypatch.setattr(picture, 'FigureCanvasAgg', record)
    return drawn


def test_a_bar_for_each_row_and_a_point_for_each_seed(figures, tmp_path):
    path = tmp_path / 'bars.png'
    rows = (row('one', 1, 2, 3), row('not yet measured'), row('two', 5, 5))
    draw_bars(summary(column(*rows), column(row('one', 4.0), task='masks')), path)
    assert cv2.imread(str(path)) is not None
    (figure,) = figures
    left, right = figure.axes
    assert figure.get_suptitle() == 'Table S1: Two rows'
    assert [bar.get_width() for bar in left.patches] == [2, 5]
    assert [label.get_text() for label in left.get_yticklabels()] == ['one', 'two']
    points = [list(line.get_xdata()) for line in left.lines[-2:]]
    assert points == [[1, 2, 3], [5, 5]]
    # The first row is the upper one.
    assert left.yaxis_inverted()
    assert right.get_xlabel() == 'masks, abs_rel' and len(right.patches) == 1


def test_figures_without_seeds_have_a_bar(figures, tmp_path):
    draw_bars(summary(column(dict(row='cost', mean=3.5))), tmp_path / 'bars.png')
    (axes,) = figures[0].axes
    assert [bar.get_width() for bar in axes.patches] == [3.5]


def test_without_results_nothing_is_written(tmp_path):
    draw_bars(summary(column(row('one'))), tmp_path / 'bars.png')
    assert not list(tmp_path.iterdir())
