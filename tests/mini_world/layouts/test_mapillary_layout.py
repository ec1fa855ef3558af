import numpy as np
import pytest
from mmseg.datasets import MapillaryDataset_v1

from diffmm.datasets import MapillaryCityscapesDataset
from diffmm.mini_world.layouts.cityscapes_layout import IGNORED, TRAIN_IDS
from diffmm.mini_world.layouts.label_map import label_map
from diffmm.mini_world.layouts.mapillary_layout import CLASS_IDS, UNLABELED
from tests.mini_world.jpeg_round_trip import jpeg_round_trip

NAMES = {
    'house': 'Building',
    'person': 'Person',
    'sky': 'Sky',
    'grass': 'Terrain',
    'tree': 'Vegetation',
    'flower': 'Vegetation',
    'boat': 'Boat',
    'car': 'Car',
}


def prefix(folder):
    return dict(
        data_prefix=dict(
            img_path=f'{folder}/images', seg_map_path=f'{folder}/v1.2/labels'
        )
    )


def test_the_numbers_are_those_of_version_1_2():
    classes = MapillaryDataset_v1.METAINFO['classes']
    assert {name: classes[number] for name, number in CLASS_IDS.items()} == NAMES
    assert classes[UNLABELED] == 'Unlabeled'


@pytest.mark.parametrize(
    ('split', 'folder', 'count'), [('train', 'training', 24), ('val', 'validation', 12)]
)
def test_the_host_reads_it_with_all_classes(host_dataset, render, split, folder, count):
    data = host_dataset('mapillary', **prefix(folder))
    assert len(data) == count
    for index in range(count):
        truth, sample = render('mapillary', split, index), data[index]
        assert truth.scene.background.place == 'outdoor'
        labels = sample['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, CLASS_IDS, UNLABELED))
        image = sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))


def test_with_the_classes_of_cityscapes_it_is_like_the_cityscapes_layout(
    worlds, render
):
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadMappedLabels'),
        dict(type='mmseg.PackSegInputs'),
    ]
    data = MapillaryCityscapesDataset(
        data_root=str(worlds / 'mapillary'), pipeline=pipeline, **prefix('training')
    )
    for index in range(len(data)):
        truth = render('mapillary', 'train', index)
        labels = data[index]['data_samples'].gt_sem_seg.data[0].numpy()
        assert np.array_equal(labels, label_map(truth, TRAIN_IDS, IGNORED))
