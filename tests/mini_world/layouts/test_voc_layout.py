import json

import numpy as np
import pytest
from PIL import Image

from diffmm.mini_world.layouts.label_map import label_map
from diffmm.mini_world.layouts.voc_annotation import (
    DETECTION_NAMES,
    SEGMENTATION_IDS,
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
