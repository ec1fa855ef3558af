import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS
from mmseg.datasets import CityscapesDataset, MapillaryDataset_v1

from diffmm.datasets import MapillaryCityscapesDataset
from diffmm.datasets.mapillary_cityscapes_dataset import SOURCES

CLASSES = CityscapesDataset.METAINFO['classes']
# Numbers in Mapillary Vistas v1.2 by class of Cityscapes, as in the released code.
RELEASED = {
    'road': [13, 24, 41],
    'sidewalk': [2, 15],
    'building': [17],
    'wall': [6],
    'fence': [3],
    'pole': [45, 47],
    'traffic light': [48],
    'traffic sign': [50],
    'vegetation': [30],
    'terrain': [29],
    'sky': [27],
    'person': [19],
    'rider': [20, 21, 22],
    'car': [55],
    'truck': [61],
    'bus': [54],
    'train': [58],
    'motorcycle': [57],
    'bicycle': [52],
}


@pytest.fixture
def root(tmp_path):
    """One picture whose map has every value that a byte can hold."""
    for name in ('images', 'labels'):
        (tmp_path / name).mkdir()
    picture = np.zeros((16, 16, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'images/a.jpg'), picture)
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    cv2.imwrite(str(tmp_path / 'labels/a.png'), values)
    return tmp_path


def build(root, load='LoadMappedLabels', **options):
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type=load),
        dict(type='mmseg.PackSegInputs'),
    ]
    config = dict(
        type='MapillaryCityscapesDataset',
        data_root=str(root),
        data_prefix=dict(img_path='images', seg_map_path='labels'),
        pipeline=pipeline,
    )
    return DATASETS.build({**config, **options})


def test_numbers_are_the_released_ones():
    mapping = MapillaryCityscapesDataset.get_label_map()
    found = {
        name: [old for old, new in mapping.items() if new == number]
        for number, name in enumerate(CLASSES)
    }
    assert found == RELEASED
    ignored = set(range(256)) - set(sum(RELEASED.values(), []))
    assert {old for old, new in mapping.items() if new == 255} == ignored


def test_names_are_what_the_numbers_mean():
    """Every source is a class of the host's data set, and of one target."""
    names = MapillaryDataset_v1.METAINFO['classes']
    assert len(names) == 66 and tuple(SOURCES) == tuple(CLASSES)
    for target, sources in SOURCES.items():
        assert [names[number] for number in RELEASED[target]] == list(sources)


@pytest.mark.parametrize('load', ['LoadMappedLabels', 'mmseg.LoadAnnotations'])
def test_a_map_is_renumbered_and_nothing_unknown_becomes_road(root, load):
    dataset = build(root, load)
    assert dataset.metainfo['classes'] == CLASSES
    assert dataset.metainfo['palette'] == CityscapesDataset.METAINFO['palette']
    labels = dataset[0]['data_samples'].gt_sem_seg.data.flatten().tolist()
    for old, new in enumerate(labels):
        target = next((t for t, sources in RELEASED.items() if old in sources), None)
        assert new == (255 if target is None else CLASSES.index(target)), old


def test_other_classes_are_refused(root):
    with pytest.raises(ValueError, match=r"cannot ask for \('road', 'sky'\)"):
        build(root, metainfo=dict(classes=('road', 'sky')))
    assert len(build(root, metainfo=dict(classes=CLASSES))) == 1
