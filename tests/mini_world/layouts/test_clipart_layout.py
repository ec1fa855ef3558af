import pytest

from diffmm.mini_world.layouts.clipart_layout import ClipartLayout
from diffmm.mini_world.layouts.voc_annotation import DETECTION_NAMES


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
