from __future__ import annotations

import cv2
import numpy as np
import pytest
from matplotlib.figure import Figure

from diffmm.visualization.plots import save_matrices, save_regression


@pytest.fixture
def figures(monkeypatch):
    """Collects the figures that are saved."""
    saved, save = [], Figure.savefig

    def record(figure, path):
        saved.append(figure)
        save(figure, path)

    monkeypatch.setattr(Figure, 'savefig', record)
    return saved


def test_matrices_share_a_logarithmic_scale(figures, tmp_path):
    path = tmp_path / 'new' / 'matrices.png'
    one = np.array([[1.0, 0.01], [0.0, 0.1]])
    save_matrices(path, {'with': one, 'without': one / 10}, ['cat', 'dog'])
    assert cv2.imread(str(path)) is not None
    first, second, bar = figures[0].axes
    assert [axes.get_title() for axes in (first, second)] == ['with', 'without']
    shown = [axes.images[0] for axes in (first, second)]
    # Scores of zero are shown as the smallest.
    np.testing.assert_allclose(shown[0].get_array(), [[0, -2], [-4, -1]])
    np.testing.assert_allclose(shown[1].get_array(), [[-1, -3], [-4, -2]])
    assert all(image.get_clim() == (-4, 0) for image in shown)
    names = [label.get_text() for label in first.get_xticklabels()]
    assert names == ['cat', 'dog'] and bar.get_ylabel().startswith('log10')


def test_a_line_ends_at_the_outer_points(figures, tmp_path):
    path = tmp_path / 'new' / 'line.png'
    points = [(0.5, 3.0), (0.1, 1.0), (0.9, 4.0)]
    save_regression(path, points, (2.0, 1.0), ('recall', 'IoU'), 'r = 0.98')
    assert cv2.imread(str(path)) is not None
    (axes,) = figures[0].axes
    np.testing.assert_allclose(axes.collections[0].get_offsets(), points)
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[0.1, 1.2], [0.9, 2.8]])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ('recall', 'IoU')
    assert axes.get_title() == 'r = 0.98'
