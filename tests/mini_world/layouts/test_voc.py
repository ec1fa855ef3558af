import json
from xml.etree import ElementTree

import numpy as np
import pytest
from mmdet.datasets import VOCDataset
from mmseg.datasets import PascalVOCDataset
from PIL import Image

from diffmm.mini_world import stylize
from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.encoding import label_map
from diffmm.mini_world.layouts.voc import (
    DETECTION_NAMES,
    SEGMENTATION_IDS,
    ClipartLayout,
    annotation_xml,
    dominant_class,
    palette,
)
from tests.mini_world.jpeg_round_trip import jpeg_round_trip

COUNTS = {'train': 24, 'val': 12}


@pytest.mark.parametrize('split', ['train', 'val'])
def test_mmseg_reads_the_masks(host_dataset, render, split):
    path = f'VOC2012/ImageSets/Segmentation/{split}.txt'
    data = host_dataset('voc segmentation', ann_file=path)
    assert len(data) == COUNTS[split]
    for index in range(len(data)):
        truth, sample = render('voc', split, index), data[index]
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, SEGMENTATION_IDS, 0))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))


def test_mmdet_reads_the_boxes(host_dataset, render):
    data = host_dataset('voc detection')
    assert len(data) == 24 and data.metainfo['dataset_type'] == 'VOC2012'
    classes = data.metainfo['classes']
    for index in range(len(data)):
        truth = render('voc', 'train', index)
        shown = [
            i
            for i, item in enumerate(truth.scene.objects)
            if item.name in DETECTION_NAMES
        ]
        found = data[index]['data_samples'].gt_instances
        names = [DETECTION_NAMES[truth.scene.objects[i].name] for i in shown]
        assert [classes[label] for label in found.labels] == names
        # VOC's last pixel is inclusive, and the class keeps it so.
        expected = truth.boxes[shown] - np.float32([0, 0, 1, 1])
        assert np.array_equal(found.bboxes.tensor.numpy(), expected)


def test_object_masks_number_the_annotated_objects(worlds, render):
    folder = worlds / 'voc/VOC2012/SegmentationObject'
    for index in range(8):
        truth = render('voc', 'train', index)
        found = np.array(Image.open(folder / f'2008_{index:06d}.png'))
        for number, item in enumerate(truth.scene.objects):
            mask = found == number + 1
            if item.name in SEGMENTATION_IDS:
                assert np.array_equal(mask, truth.visible[number])
            else:
                assert not mask.any()


def test_lists_and_captions(worlds):
    root = worlds / 'voc'
    for task in ('Main', 'Segmentation'):
        folder = root / 'VOC2012/ImageSets' / task
        train, val, both = (
            (folder / f'{name}.txt').read_text().split()
            for name in ('train', 'val', 'trainval')
        )
        assert both == train + val and len(both) == 36
    captions = json.loads((root / 'captions/pascal_captions.json').read_text())
    assert list(captions) == both
    labels = {entry['class_label'] for entry in captions.values()}
    assert labels <= {0, *SEGMENTATION_IDS.values()} and len(labels) > 3


WITHOUT_CLASS = {'tree', 'house', 'lamp', 'clock', 'box', 'ball'}


def test_classes_are_those_of_the_hosts():
    assert set(SEGMENTATION_IDS) | WITHOUT_CLASS == set(OBJECT_CLASSES)
    assert set(DETECTION_NAMES) == set(SEGMENTATION_IDS)
    names = PascalVOCDataset.METAINFO['classes']
    for name, index in SEGMENTATION_IDS.items():
        assert names[index] == DETECTION_NAMES[name]
        assert names[index] in VOCDataset.METAINFO['classes']


def test_palette_is_that_of_voc():
    expected = PascalVOCDataset.METAINFO['palette']
    assert palette()[: len(expected)].tolist() == expected
    assert palette()[255].tolist() == [224, 224, 192]


def test_annotation_agrees_with_the_scene(render):
    flags = set()
    for index in range(16):
        rendered = render('voc', 'train', index)
        root = ElementTree.fromstring(annotation_xml(rendered, 'a.jpg', 'VOC2012'))
        assert root.findtext('filename') == 'a.jpg'
        assert root.findtext('size/width') == '96'
        shown = [
            i
            for i, item in enumerate(rendered.scene.objects)
            if item.name in DETECTION_NAMES
        ]
        nodes = root.findall('object')
        assert len(nodes) == len(shown)
        for node, i in zip(nodes, shown, strict=True):
            name = rendered.scene.objects[i].name
            assert node.findtext('name') == DETECTION_NAMES[name]
            edges = [int(child.text) for child in node.find('bndbox')]
            rows, columns = np.nonzero(rendered.visible[i])
            # Inclusive, counted from one.
            assert edges == [
                columns.min() + 1,
                rows.min() + 1,
                columns.max() + 1,
                rows.max() + 1,
            ]
            hidden = (rendered.amodal[i] & ~rendered.visible[i]).any()
            assert node.findtext('occluded') == str(int(hidden))
            rows, columns = np.nonzero(rendered.amodal[i])
            at_edge = {0, 95} & {
                columns.min(),
                columns.max(),
                rows.min(),
                rows.max(),
            }
            assert node.findtext('truncated') == str(int(bool(at_edge)))
            flags.add((hidden, bool(at_edge)))
    assert len(flags) > 2


def test_dominant_class(render):
    for index in range(12):
        rendered = render('voc', 'val', index)
        areas = {}
        for item, mask in zip(rendered.scene.objects, rendered.visible, strict=True):
            if item.name in SEGMENTATION_IDS:
                number = SEGMENTATION_IDS[item.name]
                areas[number] = areas.get(number, 0) + mask.sum()
        best = dominant_class(rendered)
        assert best == 0 if not areas else areas[best] == max(areas.values())


@pytest.mark.parametrize('name', ['watercolor', 'comic'])
def test_the_six_original_classes_can_be_read_alone(host_dataset, render, name):
    classes = ('bicycle', 'bird', 'car', 'cat', 'dog', 'person')
    data = host_dataset(
        name,
        metainfo=dict(classes=classes),
        ann_file=f'{name}/ImageSets/Main/test.txt',
    )
    assert len(data) == 12
    for index in range(12):
        items = render(name, 'val', index).scene.objects
        expected = [item.name for item in items if item.name in classes]
        found = data[index]['data_samples'].gt_instances.labels.tolist()
        assert [classes[label] for label in found] == expected


def test_numbers_of_pictures_do_not_repeat(worlds):
    folder = worlds / 'watercolor/watercolor'
    names = [
        (folder / f'ImageSets/Main/{split}.txt').read_text().split()
        for split in ('train', 'test')
    ]
    assert len({*names[0], *names[1]}) == 36
    assert all(name.isdigit() for rows in names for name in rows)


def test_the_base_class_names_no_data_set():
    assert not hasattr(ClipartLayout, 'folder')
    assert {'car', 'person'} <= set(DETECTION_NAMES)


@pytest.mark.parametrize('name', ['watercolor', 'comic'])
def test_voc_dataset_reads_it(host_dataset, render, name):
    data = host_dataset(name)
    assert len(data) == 24
    for index in range(24):
        truth, sample = render(name, 'train', index), data[index]
        items = enumerate(truth.scene.objects)
        shown = [i for i, item in items if item.name in DETECTION_NAMES]
        expected = truth.boxes[shown] - np.float32([0, 0, 1, 1])
        found = sample['data_samples'].gt_instances
        assert np.array_equal(found.bboxes.tensor.numpy(), expected)
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(stylize(truth, name)))


@pytest.mark.parametrize('name', ['watercolor', 'comic'])
def test_captions(worlds, name):
    root = worlds / name
    captions = json.loads((root / f'captions/{name}_captions.json').read_text())
    names = (root / f'{name}/ImageSets/Main/test.txt').read_text().split()
    assert len(captions) == 36 and set(names) < set(captions)
