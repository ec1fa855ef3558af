import json

import numpy as np
import pytest
from mmdet.datasets import CocoDataset

from diffmm.mini_world.layouts.coco_categories import CATEGORIES, CATEGORY_IDS
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
    assert found == render('coco', 'val', 0).scene.captions


def test_instances_have_no_keypoints_and_persons_do(worlds):
    folder = worlds / 'coco/annotations'
    instances = json.loads((folder / 'instances_train2017.json').read_text())
    persons = json.loads((folder / 'person_keypoints_train2017.json').read_text())
    assert not any('keypoints' in row for row in instances['annotations'])
    assert {row['category_id'] for row in persons['annotations']} == {1}
    assert len(instances['categories']) == len(CocoDataset.METAINFO['classes'])
    assert len(persons['categories'][0]['keypoints']) == 17
