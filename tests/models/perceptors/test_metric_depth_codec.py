"""Depth in meters as gray pictures, and read again."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData

import diffmm  # noqa: F401  registers the codec


def build(**options):
    return TASK_UTILS.build(dict(type='MetricDepthCodec', **options))


def sample(depth):
    data = torch.as_tensor(depth, dtype=torch.float32)
    return BaseDataElement(gt_depth_map=PixelData(data=data.view(1, *data.shape[-2:])))


def test_depth_up_to_white_survives():
    depth = torch.linspace(0.01, 80, 63).view(7, 9)
    target = build(max_depth=80.0).encode([sample(depth), sample(depth / 2)])
    assert target.valid.all() and target.pictures.shape == (2, 3, 7, 9)
    found = build(max_depth=80.0).decode(target.pictures)
    torch.testing.assert_close(found[:, 0], torch.stack([depth, depth / 2]))


def test_depth_out_of_range_is_black_or_white():
    """Unknown depth is black and does not count; depth that is too far does."""
    far = float('inf')
    target = build().encode([sample([[0.0, -3.0, float('nan'), 10.0, 25.0, far]])])
    assert target.pictures[0].tolist() == [[[-1, -1, -1, 1, 1, 1]]] * 3
    assert target.valid[0, 0].tolist() == [[False] * 3 + [True] * 3]


def test_a_drawing_is_read_by_its_mean_and_cut_off():
    """Predictions are not quite gray, and overshoot."""
    pixels = torch.tensor([[0.3, -0.3, 0.0], [1.4, 1.2, 1.0], [-1.0, -1.5, -2.0]])
    found = build().decode(pixels.T.reshape(1, 3, 1, 3))
    assert found.flatten().tolist() == pytest.approx([5, 10, 0])


def test_what_is_written_is_in_meters():
    one = sample([[1.0]])
    build().write(one, torch.full((1, 2, 3), 2.5), None)
    assert one.pred_depth_map.shape == (2, 3)
    assert (one.pred_depth_map.data == 2.5).all()


@pytest.mark.parametrize('depth', [0, -1.0, float('nan')])
def test_a_largest_depth_that_is_none(depth):
    with pytest.raises(ValueError, match=f'max_depth must be positive, got {depth}'):
        build(max_depth=depth)


def test_what_is_missing_is_named():
    bare = BaseDataElement(metainfo=dict(img_path='a.jpg'))
    with pytest.raises(ValueError, match='a.jpg has no gt_depth_map.*LoadMetricDepth'):
        build().encode([sample([[1.0]]), bare])
