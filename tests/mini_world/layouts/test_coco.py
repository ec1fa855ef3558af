import json

import numpy as np
import pytest
from mmdet.datasets import CocoDataset
from mmengine.config import Config
from mmengine.hub import get_config
from pycocotools import mask as coco_mask

from diffmm.mini_world import write_captions
from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.coco import (
    CATEGORIES,
    CATEGORY_IDS,
    IDS_PER_IMAGE,
    SKELETON,
    encode_mask,
    image_id,
    image_record,
    instance_records,
    keypoint_fields,
)
from diffmm.mini_world.scenes.pose import KEYPOINTS
from tests.mini_world.jpeg_round_trip import jpeg_round_trip

COUNTS = {'train': 24, 'val': 12}


@pytest.mark.parametrize('split', ['train', 'val'])
def test_mmdet_reads_the_instances(host_dataset, render, split):
    data = host_dataset(
        'coco instances',
        ann_file=f'annotations/instances_{split}2017.json',
        data_prefix=dict(img=f'{split}2017/'),
    )
    assert len(data) == COUNTS[split]
    label_of = {row['id']: label for label, row in enumerate(CATEGORIES)}
    seen = set()
    for index in range(len(data)):
        truth, sample = render('coco', split, index), data[index]
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))
        shown = [
            i
            for i, item in enumerate(truth.scene.objects)
            if item.name in CATEGORY_IDS and truth.visible[i].any()
        ]
        found = sample['data_samples'].gt_instances
        names = [truth.scene.objects[i].name for i in shown]
        expected = [label_of[CATEGORY_IDS[name]] for name in names]
        assert found.labels.tolist() == expected
        assert np.array_equal(found.bboxes.tensor.numpy(), truth.boxes[shown])
        assert np.array_equal(found.masks.masks.astype(bool), truth.visible[shown])
        seen.update(names)
    if split == 'train':
        assert seen == set(CATEGORY_IDS)


def test_labels_are_right_for_a_subset_of_the_classes(host_dataset, render):
    data = host_dataset('coco instances', metainfo=dict(classes=('car', 'person')))
    for index in range(len(data)):
        items = render('coco', 'train', index).scene.objects
        found = data[index]['data_samples'].gt_instances.labels.tolist()
        # mmdet numbers the classes by COCO's id: person, then car.
        number = {'person': 0, 'car': 1}
        assert found == [number[item.name] for item in items if item.name in number]


def test_mmpose_reads_the_keypoints(host_dataset, render):
    data = host_dataset('coco keypoints')
    people = [
        (index, i)
        for index in range(COUNTS['train'])
        for i in render('coco', 'train', index).keypoints
    ]
    assert len(data) == len(people) > 2
    for number, (index, i) in enumerate(people):
        truth = render('coco', 'train', index)
        info = data.get_data_info(number)
        points, flags = np.split(truth.keypoints[i], [2], axis=1)
        assert np.allclose(info['keypoints'][0], points, atol=0.006)
        assert np.array_equal(info['keypoints_visible'][0], flags[:, 0] > 0)
        raw = np.array(info['raw_ann_info']['keypoints']).reshape(17, 3)
        assert np.array_equal(raw[:, 2], flags[:, 0])
        left, top, right, bottom = truth.boxes[i]
        expected = np.minimum([left, top, right, bottom], 95)
        assert np.array_equal(info['bbox'][0], expected)


def test_captions(worlds, render):
    path = worlds / 'coco/annotations/captions_val2017.json'
    content = json.loads(path.read_text())
    assert len(content['images']) == 12
    ids = [row['id'] for row in content['annotations']]
    assert len(set(ids)) == len(ids)
    first = content['images'][0]['id']
    found = [
        row['caption'] for row in content['annotations'] if row['image_id'] == first
    ]
    assert found == write_captions(render('coco', 'val', 0).scene)


def test_instances_have_no_keypoints_and_persons_do(worlds):
    folder = worlds / 'coco/annotations'
    instances = json.loads((folder / 'instances_train2017.json').read_text())
    persons = json.loads((folder / 'person_keypoints_train2017.json').read_text())
    assert not any('keypoints' in row for row in instances['annotations'])
    assert {row['category_id'] for row in persons['annotations']} == {1}
    assert len(instances['categories']) == len(CocoDataset.METAINFO['classes'])
    assert len(persons['categories'][0]['keypoints']) == 17


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


MASKS = {
    'empty': np.zeros((5, 7), bool),
    'full': np.ones((5, 7), bool),
    'first pixel': np.eye(1, 35, 0).reshape(5, 7).astype(bool),
    'last pixel': np.eye(1, 35, 34).reshape(5, 7).astype(bool),
    'noise': np.random.default_rng(0).random((64, 50)) < 0.3,
    # Runs of more than five and ten bits.
    'long runs': np.arange(400 * 300).reshape(400, 300) % 5000 < 900,
    'ring': np.pad(np.pad(np.zeros((9, 9), bool), 3, constant_values=True), 40),
}


@pytest.mark.parametrize('name', MASKS)
def test_pycocotools_reads_and_would_write_the_same(name):
    mask = MASKS[name]
    encoded = encode_mask(mask)
    assert np.array_equal(coco_mask.decode(encoded), mask)
    reference = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert encoded['counts'] == reference['counts'].decode()
    assert encoded['size'] == reference['size']


def test_area_is_exact():
    mask = MASKS['noise']
    assert coco_mask.area(encode_mask(mask)) == mask.sum()
