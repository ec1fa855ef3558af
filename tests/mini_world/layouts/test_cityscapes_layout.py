import json

import numpy as np
import pytest
from mmseg.datasets import CityscapesDataset

from diffmm.mini_world.classes import MINI_CLASSES
from diffmm.mini_world.layouts.cityscapes_layout import IGNORED, TRAIN_IDS
from diffmm.mini_world.layouts.label_map import label_map

# What Cityscapes has no class for, and what does not occur outdoors.
WITHOUT_CLASS = {'boat', 'box', 'ball'}
INDOORS = {'wall', 'floor', 'chair', 'lamp', 'bottle', 'clock'}
NAMES = {
    'house': 'building',
    'tree': 'vegetation',
    'flower': 'vegetation',
    'grass': 'terrain',
    'sky': 'sky',
    'person': 'person',
    'car': 'car',
}


def test_every_class_has_a_train_id_or_a_reason_for_none():
    assert set(TRAIN_IDS) | WITHOUT_CLASS | INDOORS == set(MINI_CLASSES)
    classes = CityscapesDataset.METAINFO['classes']
    assert {name: classes[label] for name, label in TRAIN_IDS.items()} == NAMES


@pytest.mark.parametrize(('split', 'count'), [('train', 24), ('val', 12)])
def test_cityscapes_dataset_reads_it(host_dataset, render, split, count):
    prefix = dict(img_path=f'leftImg8bit/{split}', seg_map_path=f'gtFine/{split}')
    data = host_dataset('cityscapes', data_prefix=prefix)
    assert len(data) == count
    seen = set()
    for index in range(count):
        truth, sample = render('cityscapes', split, index), data[index]
        assert truth.scene.background.place == 'outdoor'
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, truth.image)
        seen.update(np.unique(labels).tolist())
    assert seen >= {9, 10, 255} and seen <= {*TRAIN_IDS.values(), 255}


def test_captions_are_found_by_city_and_file(worlds, host_dataset, render):
    captions = json.loads(
        (worlds / 'cityscapes/captions/cityscapes_captions.json').read_text()
    )
    assert len(captions) == 24 + 12
    data = host_dataset('cityscapes')
    path = data.get_data_info(5)['img_path']
    key = '/'.join(path.split('/')[-2:])
    assert key == 'northtown/northtown_000005_000019_leftImg8bit.png'
    expected = render('cityscapes', 'train', 5).scene.captions
    assert captions[key] == {'captions': expected}
