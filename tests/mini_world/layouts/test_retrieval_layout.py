import pytest

from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.retrieval_layout import (
    MIN_VISIBLE,
    SEEN,
    UNSEEN,
    clear_objects,
)


def test_classes_are_split():
    assert set(SEEN) | set(UNSEEN) == set(OBJECT_CLASSES)
    assert not set(SEEN) & set(UNSEEN) and list(UNSEEN) == sorted(UNSEEN)


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
    ('name', 'folder', 'versions'),
    [
        ('sketchy', 'zeroshot1', ('sketch_tx_000000000000_ready', 'all_photo')),
        ('tu_berlin', 'zeroshot', ('png_ready', 'ImageResized_ready')),
    ],
)
def test_lists_hold_the_right_classes_scenes_and_labels(
    worlds, render, name, folder, versions
):
    root = worlds / name
    names = {
        'train': (root / folder / 'cname_cid.txt').read_text().splitlines(),
        'zero': (root / folder / 'cname_cid_zero.txt').read_text().splitlines(),
    }
    names['test'] = names['train']
    for part in ('train', 'test', 'zero'):
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


def test_training_never_shows_an_unseen_class(worlds):
    root = worlds / 'sketchy/256x256'
    for name in UNSEEN:
        shown = [path.name for path in root.rglob(f'{name}/*')]
        assert shown and all(path.startswith('val_') for path in shown)
