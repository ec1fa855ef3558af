import json

import cv2
import numpy as np
import pytest

from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.retrieval_layout import clear_objects
from tests.mini_world.jpeg_round_trip import jpeg_round_trip


@pytest.fixture(scope='module')
def split(worlds):
    return json.loads((worlds / 'coop/split_zhou_MiniWorld.json').read_text())


def test_labels_count_the_class_names_in_alphabetical_order(split):
    assert list(split) == ['train', 'val', 'test']
    names = {}
    for rows in split.values():
        for _, label, name in rows:
            assert names.setdefault(label, name) == name
    expected = dict(enumerate(sorted(OBJECT_CLASSES)))
    assert names == {label: expected[label] for label in sorted(names)} and names
    assert len(names) == 12


def test_pictures_show_the_objects(worlds, render, split):
    for path, _, name in split['train'] + split['val'] + split['test']:
        kind, file_name = path.split('/')
        part, index, number = file_name.removesuffix('.jpg').split('_')
        truth, number = render('coop', part, int(index)), int(number)
        assert truth.scene.objects[number].name == kind == name
        photo = cv2.imread(str(worlds / 'coop/images' / path))[..., ::-1]
        assert np.array_equal(photo, jpeg_round_trip(truth.object_crop(number)))


def test_parts_share_no_scene_and_leave_nothing_out(render, split):
    scenes = {
        part: {row[0].split('/')[1].rsplit('_', 1)[0] for row in rows}
        for part, rows in split.items()
    }
    assert not scenes['train'] & scenes['val']
    assert {name[:5] for name in scenes['train'] | scenes['val']} == {'train'}
    assert {name[:3] for name in scenes['test']} == {'val'}
    assert all(int(name[6:]) % 5 == 4 for name in scenes['val'])
    total = sum(len(clear_objects(render('coop', 'train', i))) for i in range(24))
    assert len(split['train']) + len(split['val']) == total
