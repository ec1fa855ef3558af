import json

import numpy as np

from diffmm.mini_world.layouts.voc_annotation import DETECTION_NAMES
from tests.mini_world.jpeg_round_trip import jpeg_round_trip


def test_voc_dataset_reads_it(host_dataset, render):
    data = host_dataset('watercolor')
    assert len(data) == 24
    for index in range(24):
        truth, sample = render('watercolor', 'train', index), data[index]
        items = enumerate(truth.scene.objects)
        shown = [i for i, item in items if item.name in DETECTION_NAMES]
        expected = truth.boxes[shown] - np.float32([0, 0, 1, 1])
        found = sample['data_samples'].gt_instances
        assert np.array_equal(found.bboxes.tensor.numpy(), expected)
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.stylized('watercolor')))


def test_captions(worlds):
    root = worlds / 'watercolor'
    captions = json.loads((root / 'captions/watercolor_captions.json').read_text())
    names = (root / 'watercolor/ImageSets/Main/test.txt').read_text().split()
    assert len(captions) == 36 and set(names) < set(captions)
