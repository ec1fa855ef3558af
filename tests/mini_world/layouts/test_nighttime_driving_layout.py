import json

import numpy as np

from diffmm.mini_world.layouts.cityscapes_layout import IGNORED, TRAIN_IDS
from diffmm.mini_world.layouts.label_map import label_map


def test_night_driving_dataset_reads_it(host_dataset, render):
    data = host_dataset('nighttime_driving')
    assert len(data) == 12
    for index in range(12):
        truth, sample = render('nighttime_driving', 'val', index), data[index]
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, truth.stylized('night'))


def test_it_is_a_test_set_only(worlds):
    root = worlds / 'nighttime_driving'
    captions = json.loads(
        (root / 'captions/nighttimedriving_captions.json').read_text()
    )
    assert 'night/0_frame_0011_leftImg8bit.png' in captions and len(captions) == 12
    assert [path.name for path in (root / 'leftImg8bit').iterdir()] == ['test']
    assert len(list(root.rglob('*.png'))) == 24
