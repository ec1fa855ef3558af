import numpy as np
import pytest

from diffmm.mini_world.classes import ADE20K_INDEX
from diffmm.mini_world.layouts import LAYOUTS
from diffmm.mini_world.layouts.readers import (
    READERS,
    layout_readers,
)


def test_every_layout_has_a_reader():
    assert {name.split()[0] for name in READERS} == set(LAYOUTS)
    assert list(layout_readers('voc')) == ['voc segmentation', 'voc detection']
    assert list(layout_readers('sketchy')) == ['sketchy']


def test_splits_of_the_world_are_parts():
    for name, reader in READERS.items():
        if reader.per_scene:
            assert set(reader.parts) <= set(LAYOUTS[name.split()[0]].splits), name


@pytest.mark.parametrize(
    ('name', 'part'),
    [(name, part) for name, reader in READERS.items() for part in reader.parts],
)
def test_samples_can_be_loaded(host_dataset, name, part):
    reader = READERS[name]
    data = host_dataset(name, **reader.parts[part].config)
    if reader.per_scene:
        assert len(data) == {'train': 24, 'val': 12}[part]
    assert len(data) > 0
    sample = data[0]
    if 'img' in sample:  # pictures and labels for classification, not packed
        assert sample['img'].shape == (96, 96, 3)
        assert 0 <= sample['gt_label'] < len(data.metainfo['classes'])
    else:
        assert sample['inputs'].shape == (3, 96, 96)
        assert sample['data_samples']


# The classes of the mini world under other names.
SYNONYMS = {
    'sports ball': 'ball',
    'cardboard': 'box',
    'floor-other': 'floor',
    'sky-other': 'sky',
    'wall-other': 'wall',
    'light': 'lamp',
    'building': 'house',
}


@pytest.mark.parametrize(
    ('name', 'ignored', 'missing'),
    [
        ('coco_stuff', 255, set()),
        ('pascal_context59', 255, {'box', 'ball', 'clock'}),
        ('pascal_context459', 65535, set()),
        ('ade847', 65535, set()),
    ],
)
def test_labels_name_the_classes(host_dataset, render, name, ignored, missing):
    data = host_dataset(name)
    classes = [each.split(', ')[0] for each in data.metainfo['classes']]
    found = set()
    for index in range(len(data)):
        labels = data[index]['data_samples'].gt_sem_seg.data[0].numpy()
        truth = render(name, 'train', index).ade20k_index
        for kind, number in ADE20K_INDEX.items():
            here = set(np.unique(labels[truth == number]).tolist())
            if kind in missing:
                assert here <= {ignored}
            elif here:
                (label,) = here
                assert SYNONYMS.get(classes[label], classes[label]) == kind
                found.add(kind)
    assert found == set(ADE20K_INDEX) - missing


@pytest.mark.parametrize(
    ('name', 'split', 'place', 'sky', 'step'),
    [
        ('hypersim', 'train', 'indoor', 0, 1e-3),
        ('vkitti2', 'train', 'outdoor', 655.35, 1e-2),
        ('eth3d', 'val', None, 0, 0),
        ('scannet', 'val', 'indoor', 0, 1e-3),
        ('diode', 'val', None, 0, 0),
    ],
)
def test_depth_is_that_of_the_scene(
    host_dataset, render, name, split, place, sky, step
):
    data = host_dataset(name)
    low, high = data.metainfo['depth_range']
    places = set()
    for index in range(len(data)):
        depth = data[index]['data_samples'].gt_depth_map.data[0].numpy()
        truth = render(name, split, index)
        places.add(truth.scene.background.place)
        known = truth.depth > 0
        error = np.abs(depth - truth.depth)[known].max()
        assert error <= step / 2 + 1e-5 and depth.dtype == np.float32
        assert np.allclose(depth[~known], sky)
        assert low < depth[known].min() and depth[known].max() < high
    assert places == ({place} if place else {'indoor', 'outdoor'})
