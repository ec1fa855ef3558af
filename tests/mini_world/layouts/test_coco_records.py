import numpy as np
from pycocotools import mask as coco_mask

from diffmm.mini_world.layouts.coco_categories import CATEGORY_IDS
from diffmm.mini_world.layouts.coco_records import (
    IDS_PER_IMAGE,
    image_id,
    image_record,
    instance_records,
    keypoint_fields,
)


def test_image_ids_are_unique_over_both_splits():
    ids = [image_id(split, index) for split in ('train', 'val') for index in range(9)]
    assert len(set(ids)) == 18 and min(ids) == 1
    assert image_id('train', 10_000_000 - 1) < image_id('val', 0)


def test_instances_agree_with_the_scene(render):
    for index in range(8):
        rendered = render('coco', 'train', index)
        number = image_id('train', index)
        rows = instance_records(rendered, number, CATEGORY_IDS)
        assert image_record(rendered, number, 'a')['width'] == 96
        shown = [
            i
            for i, item in enumerate(rendered.scene.objects)
            if item.name in CATEGORY_IDS
        ]
        assert [row['id'] % IDS_PER_IMAGE for row in rows] == shown
        for row, i in zip(rows, shown, strict=True):
            mask = coco_mask.decode(row['segmentation']).astype(bool)
            assert np.array_equal(mask, rendered.visible[i])
            assert row['area'] == mask.sum() and row['image_id'] == number
            assert row['bbox'] == coco_mask.toBbox(row['segmentation']).tolist()


def test_objects_without_category_or_pixel_are_left_out(render):
    rendered = render('coco', 'train', 0)
    assert instance_records(rendered, 1, {}) == []


def test_keypoints():
    points = np.zeros((17, 3), np.float32)
    points[0] = 10.126, 20.5, 2
    points[1] = 3, 4, 1
    points[2] = 30, 40, 0
    fields = keypoint_fields(points)
    assert fields['num_keypoints'] == 2
    assert fields['keypoints'][:9] == [10.13, 20.5, 2, 3.0, 4.0, 1, 0.0, 0.0, 0]
    assert len(fields['keypoints']) == 51
