from __future__ import annotations

import pytest
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401
from tests.datasets.refer_folder import HEIGHT, TWO_SQUARES, WIDTH


def build():
    return TRANSFORMS.build(dict(type='LoadReferringMask'))


def results(**changes) -> dict:
    item = dict(img_path='p.jpg', ref_id=3, height=HEIGHT, width=WIDTH, seg_fields=[])
    item |= dict(segmentation=TWO_SQUARES, ori_shape=(HEIGHT, WIDTH))
    return item | changes


def test_the_mask_is_the_union():
    # As after Resize: the picture has another size by then.
    item = build()(results(img_shape=(8, 8)))
    assert item['gt_seg_map'].shape == (HEIGHT, WIDTH)
    assert item['gt_seg_map'].sum() == 175 and item['gt_seg_map'].max() == 1
    assert item['seg_fields'] == ['gt_seg_map']


def test_a_picture_without_annotation_stays_as_it_is():
    item = dict(img_path='p.jpg', expression='the ball')
    assert build()(dict(item)) == item


def test_another_picture_is_refused():
    with pytest.raises(ValueError, match=r'p.jpg is \(30, 20\) .* says \(20, 30\)'):
        build()(results(ori_shape=(WIDTH, HEIGHT)))


def test_a_wrong_polygon_is_named():
    with pytest.raises(ValueError, match='reference 3 on p.jpg: .*three points'):
        build()(results(segmentation=[[1, 2, 3, 4]]))
