import json

import cv2
import numpy as np
import pytest

from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.objects import (
    MIN_VISIBLE,
    QuickDrawLayout,
    Sketchy2Layout,
    SketchyLayout,
    TuBerlinLayout,
    clear_objects,
)
from tests.mini_world.jpeg_round_trip import jpeg_round_trip


@pytest.mark.parametrize(
    'layout', [SketchyLayout, Sketchy2Layout, TuBerlinLayout, QuickDrawLayout]
)
def test_classes_are_split(layout):
    seen, unseen = layout.seen(), layout.unseen
    assert set(seen) | set(unseen) == set(OBJECT_CLASSES)
    assert not set(seen) & set(unseen) and list(unseen) == sorted(unseen)


def test_clear_objects_are_those_seen_well_enough(render):
    hidden = 0
    for index in range(24):
        rendered = render('sketchy', 'train', index)
        found = clear_objects(rendered)
        for number, whole in enumerate(rendered.amodal):
            share = rendered.visible[number].sum() / whole.sum()
            assert (number in found) == (share >= MIN_VISIBLE)
            hidden += number not in found
    assert hidden > 0


@pytest.mark.parametrize(
    ('name', 'folder', 'versions', 'last'),
    [
        ('sketchy', 'zeroshot1', ('sketch_tx_000000000000_ready', 'all_photo'), 'zero'),
        (
            'sketchy2',
            'zeroshot2',
            ('sketch_tx_000000000000_ready', 'all_photo'),
            'zero',
        ),
        ('tu_berlin', 'zeroshot', ('png_ready', 'ImageResized_ready'), 'zero'),
        ('quickdraw', 'zeroshot', ('sketch', 'photo'), 'val'),
    ],
)
def test_lists_hold_the_right_classes_scenes_and_labels(
    worlds, render, name, folder, versions, last
):
    root = worlds / name
    names = {
        'train': (root / folder / 'cname_cid.txt').read_text().splitlines(),
        last: (root / folder / 'cname_cid_zero.txt').read_text().splitlines(),
    }
    names['test'] = names['train']
    for part in ('train', 'test', last):
        rows = []
        for version in versions:
            path = root / folder / f'{version}_filelist_{part}.txt'
            rows.append(path.read_text().splitlines())
        assert len(rows[0]) == len(rows[1]) > 0
        for row in (*rows[0], *rows[1]):
            # As SAKE and Vermouth read it: the label is the last word.
            path, label = row.rsplit(' ', 1)
            assert (root / path).stat().st_size
            *_, kind, file_name = path.split('/')
            assert names[part][int(label)] == f'{kind} {label}'
            split, index, number = file_name.split('.')[0].split('_')
            assert split == ('train' if part == 'train' else 'val')
            scene = render(name, split, int(index)).scene
            assert scene.objects[int(number)].name == kind


@pytest.mark.parametrize(
    ('name', 'layout'), [('sketchy', SketchyLayout), ('sketchy2', Sketchy2Layout)]
)
def test_training_never_shows_an_unseen_class(worlds, name, layout):
    root = worlds / name / '256x256'
    for name in layout.unseen:
        shown = [path.name for path in root.rglob(f'{name}/*')]
        assert shown and all(path.startswith('val_') for path in shown)


def test_sketches_and_photos_show_the_objects(worlds, render):
    root = worlds / 'sketchy/256x256'
    sketches = sorted(root.glob('sketch/tx_000000000000_ready/*/val_*.png'))
    assert len(sketches) > 10
    for path in sketches:
        _, index, number = path.stem.split('_')
        truth, number = render('sketchy', 'val', int(index)), int(number)
        sketch = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(sketch, truth.object_sketch(number))
        name = f'photo/tx_000000000000_ready/{path.parent.name}/{path.stem}.jpg'
        photo = cv2.imread(str(root / name))[..., ::-1]
        assert np.array_equal(photo, jpeg_round_trip(truth.object_crop(number)))


def test_it_holds_the_objects_of_sketchy(worlds):
    ours, sketchy = worlds / 'tu_berlin', worlds / 'sketchy/256x256'
    for folder, other in (('png_ready', 'sketch'), ('ImageResized_ready', 'photo')):
        expected = {
            path.relative_to(sketchy / other / 'tx_000000000000_ready'): path
            for path in (sketchy / other).rglob('*.*')
        }
        found = {
            path.relative_to(ours / folder): path
            for path in (ours / folder).rglob('*.*')
        }
        assert found.keys() == expected.keys() and found
        for name, path in found.items():
            assert path.read_bytes() == expected[name].read_bytes()


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
