import pytest

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
