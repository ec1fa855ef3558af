"""Feature maps of pictures by timestep and stage."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image


@pytest.mark.parametrize(('by', 'columns'), [('timestep', 2), ('stage', 1)])
def test_a_row_and_a_column_for_each(
    by, columns, load_tool, mini_worlds, tmp_path, monkeypatch
):
    tool = load_tool('analysis_tools/feature_maps')
    shared = sys.modules['feature_space']
    monkeypatch.setattr(shared, 'TIMESTEPS', (0, 200))
    monkeypatch.setattr(shared, 'STAGES', {'down+mid': None})
    pictures = sorted((mini_worlds / 'sketchy2').rglob('*_*.jpg'))[:2]
    out = tmp_path / 'maps.png'
    argv = [*map(str, pictures), '--by', by, '--size', '64', '--out-file', str(out)]
    tool.main(argv)
    height, width = np.asarray(Image.open(out)).shape[:2]
    assert width == (1 + columns) * tool.CELL and height > 2 * tool.CELL


def test_like_features_have_like_colors(load_tool):
    """Two halves of other features, with a little noise, in two pictures."""
    tool = load_tool('analysis_tools/feature_maps')
    torch.manual_seed(0)
    fine = torch.zeros(2, 6, 4, 8)
    fine[:, 0, :, :4], fine[:, 1, :, 4:] = 1, 1
    maps = (fine + 0.01 * torch.rand_like(fine), torch.ones(2, 3, 2, 4))
    painted = tool.paint(maps)
    assert painted.shape == (2, 4, 8, 3) and painted.dtype == np.uint8
    first = painted[..., 0].astype(int)  # the largest component tells them apart
    assert abs(first[:, :, :4].mean() - first[:, :, 4:].mean()) > 200
    assert np.ptp(first[:, :, :4]) < 50 and np.ptp(first[:, :, 4:]) < 50
