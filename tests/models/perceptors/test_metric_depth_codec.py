"""Depth in meters as gray pictures, and read again."""

from __future__ import annotations

import pytest
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement

import diffmm  # noqa: F401  registers the codec


def build(**options):
    return TASK_UTILS.build(dict(type='MetricDepthCodec', **options))


@pytest.mark.parametrize('depth', [0, -1.0, float('nan')])
def test_a_largest_depth_that_is_none(depth):
    with pytest.raises(ValueError, match=f'max_depth must be positive, got {depth}'):
        build(max_depth=depth)


def test_what_is_missing_is_named():
    bare = BaseDataElement(metainfo=dict(img_path='a.jpg'))
    with pytest.raises(ValueError, match='a.jpg has no gt_depth_map.*LoadMetricDepth'):
        build().encode([bare])
