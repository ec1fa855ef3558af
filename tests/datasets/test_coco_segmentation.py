from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from diffmm.datasets.coco_segmentation import decode_union, encode_parts
from diffmm.mini_world.layouts.coco import encode_mask
from tests.datasets.refer_folder import HEIGHT, TWO_SQUARES, WIDTH


def squares() -> np.ndarray:
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[0:10, 0:10] = 1
    expected[5:15, 5:15] = 1
    return expected


def test_overlapping_polygons_are_a_union():
    """Where the released code, which keeps pixels of sum 1, has a hole of 25."""
    union = decode_union(TWO_SQUARES, HEIGHT, WIDTH)
    assert union.dtype == np.uint8 and union.flags.c_contiguous
    np.testing.assert_array_equal(union, squares())
    parts = coco_mask.decode(encode_parts(TWO_SQUARES, HEIGHT, WIDTH))
    assert union.sum() - (parts.sum(axis=2) == 1).sum() == 25


@pytest.mark.parametrize('kind', ['text', 'bytes', 'list'])
def test_run_lengths(kind):
    run_lengths = encode_mask(squares().astype(bool))
    if kind == 'bytes':
        run_lengths['counts'] = run_lengths['counts'].encode()
    if kind == 'list':
        flat = squares().ravel(order='F')
        edges = np.flatnonzero(np.diff(flat, prepend=0, append=0) != 0)
        edges = np.concatenate([[0], edges, [flat.size]])
        run_lengths['counts'] = np.diff(edges).tolist()
    union = decode_union(run_lengths, HEIGHT, WIDTH)
    np.testing.assert_array_equal(union, squares())


@pytest.mark.parametrize(
    ('segmentation', 'message'),
    [
        ([], 'got 0 polygons'),
        # pycocotools would take it for a box.
        ([[1, 2, 3, 4]], r'got 1 polygons, of which 1 have \[4\] numbers'),
        ([*TWO_SQUARES, [0, 0, 5, 5, 0, 5, 3]], r'got 3 .* 1 have \[7\] numbers'),
        (dict(size=[30, 20], counts='05'), r'size \[30, 20\] .* picture of 20x30'),
        (dict(size=[20, 30]), 'do not fit'),
    ],
)
def test_what_is_not_valid(segmentation, message):
    with pytest.raises(ValueError, match=message):
        decode_union(segmentation, HEIGHT, WIDTH)
