import json

import numpy as np

from diffmm.mini_world.layouts.cityscapes_layout import IGNORED, TRAIN_IDS
from diffmm.mini_world.layouts.label_map import label_map


def test_dark_zurich_dataset_reads_it(host_dataset, render):
    data = host_dataset('dark_zurich')
    assert len(data) == 12
    for index in range(12):
        truth, sample = render('dark_zurich', 'val', index), data[index]
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, truth.stylized('night'))


def test_training_pictures_have_no_labels(worlds):
    root = worlds / 'dark_zurich'
    assert len(list(root.glob('rgb_anon/train/night/GOPR0351/*_rgb_anon.png'))) == 24
    assert not (root / 'gt/train').exists()


def test_captions_are_found_below_the_split(worlds):
    root = worlds / 'dark_zurich'
    captions = json.loads((root / 'captions/dark_zurich_captions.json').read_text())
    assert len(captions) == 36
    found = [
        path.relative_to(root / 'rgb_anon/val').as_posix()
        for path in root.glob('rgb_anon/val/night/*/*.png')
    ]
    assert len(found) == 12 and set(found) < set(captions)
