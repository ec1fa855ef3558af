from mmdet.datasets import CocoDataset
from mmengine.config import Config
from mmengine.hub import get_config

from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.coco_categories import (
    CATEGORIES,
    CATEGORY_IDS,
    SKELETON,
)
from diffmm.mini_world.scene.pose import KEYPOINTS

WITHOUT_CATEGORY = {'tree', 'house', 'lamp', 'box'}


def test_the_80_categories_in_the_order_of_the_host():
    names = tuple(row['name'] for row in CATEGORIES)
    assert names == CocoDataset.METAINFO['classes']
    ids = [row['id'] for row in CATEGORIES]
    assert ids == sorted(ids) and ids[0] == 1 and ids[-1] == 90
    # Numbers that COCO leaves out.
    assert set(range(1, 91)) - set(ids) == {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}


def test_every_object_class_has_a_category_or_none():
    assert set(CATEGORY_IDS) | WITHOUT_CATEGORY == set(OBJECT_CLASSES)
    names = {row['id']: row['name'] for row in CATEGORIES}
    found = {name: names[number] for name, number in CATEGORY_IDS.items()}
    renamed = {'ball': 'sports ball', 'flower': 'potted plant'}
    assert found == {name: renamed.get(name, name) for name in CATEGORY_IDS}


def test_keypoints_and_skeleton_are_those_of_mmpose():
    info: Config = get_config('mmpose::_base_/datasets/coco.py')
    rows = info.dataset_info.keypoint_info
    assert [rows[number]['name'] for number in range(17)] == list(KEYPOINTS)
    links = {frozenset(row['link']) for row in info.dataset_info.skeleton_info.values()}
    ours = {
        frozenset((KEYPOINTS[first - 1], KEYPOINTS[second - 1]))
        for first, second in SKELETON
    }
    assert ours == links
