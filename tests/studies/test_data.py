from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from diffmm.mini_world import generate
from diffmm.studies import StudyError, draw_data, missing_data

CLASSES = dict(type='mmseg.ADE20KDataset')
SMALL = dict(layout='ade20k', num_train=2, num_val=1, size=64)


@pytest.fixture(scope='module')
def drawn(tmp_path_factory):
    """A small world, drawn once."""
    folder = tmp_path_factory.mktemp('drawn') / 'small'
    generate(folder, **SMALL)
    return folder


@pytest.fixture
def small(drawn, tmp_path):
    """A copy of the small world, where runs look for it."""
    return shutil.copytree(drawn, tmp_path / 'small')


@pytest.fixture
def run(tmp_path):
    """What is asked of a run: settings, and where its data are."""
    prefix = 'images/{0}', 'annotations/{0}'

    def loader(split):
        img, mask = (text.format(split) for text in prefix)
        prefixes = dict(img_path=img, seg_map_path=mask)
        dataset = dict(CLASSES, data_root='data/small', data_prefix=prefixes)
        return dict(dataset=dataset)

    settings = dict(
        default_scope='mmseg',
        train_dataloader=loader('training'),
        val_dataloader=loader('validation'),
    )
    place = lambda text: text.replace('data/', f'{tmp_path}/')  # noqa: E731
    return SimpleNamespace(settings=settings, place=place, tests={})


def test_missing_scenes_are_drawn(run, tmp_path):
    for _ in range(2):
        draw_data([run], {'data/small': SMALL, 'data/other': SMALL})
    assert len(list((tmp_path / 'small').rglob('images/*/*.jpg'))) == 3
    assert not (tmp_path / 'other').exists()


def test_other_content_and_other_counts_are_named(run, drawn, tmp_path):
    (tmp_path / 'small').mkdir()
    (tmp_path / 'small' / 'holiday.jpg').touch()
    with pytest.raises(StudyError, match='small'):
        draw_data([run], {'data/small': SMALL})
    shutil.rmtree(tmp_path / 'small')
    shutil.copytree(drawn, tmp_path / 'small')
    with pytest.raises(StudyError, match=r'small --layout ade20k --num-train 3'):
        draw_data([run], {'data/small': {**SMALL, 'num_train': 3}})


def test_what_is_missing_or_of_another_number_is_listed(run, drawn, tmp_path):
    wanted = {'data/small': dict(train=2, val=2)}
    (line,) = missing_data([run], wanted)
    assert line == f'data: {tmp_path}/small does not exist'
    shutil.copytree(drawn, tmp_path / 'small')
    (line,) = missing_data([run], wanted)
    assert line == f'data: {tmp_path}/small has 1 samples for val, not 2'
    assert missing_data([run], {'data/small': dict(train=2, val=1)}) == []


def test_everything_that_is_missing_is_said_at_once(run, small, tmp_path):
    """Files of captions and of boxes, and each data set of a folder."""
    settings = dict(run.settings)
    train = settings['train_dataloader']['dataset']
    captions = dict(type='LoadCaption', ann_file='data/small/captions/of_a_model.json')
    settings['train_dataloader'] = dict(dataset={**train, 'pipeline': [captions]})
    boxes = {**train, 'bbox_file': 'data/boxes.json'}
    settings['val_dataloader'] = dict(dataset=boxes)
    other = SimpleNamespace(settings=settings, place=run.place, tests={})
    # The same folder and split, laid out otherwise.
    prefixes = dict(img_path='images/train', seg_map_path='annotations/train')
    settings = dict(run.settings)
    elsewhere = dict(CLASSES, data_root='data/small', data_prefix=prefixes)
    settings['train_dataloader'] = dict(dataset=elsewhere)
    third = SimpleNamespace(settings=settings, place=run.place, tests={})
    lines = missing_data([run, other, third], {'data/small': dict(train=2, val=2)})
    assert lines[0] == f'data: {tmp_path}/small has 1 samples for val, not 2'
    assert lines[1:3] == [
        f'data: {tmp_path}/small/captions/of_a_model.json does not exist',
        f'data: {tmp_path}/boxes.json does not exist',
    ]
    assert lines[3].startswith(f'data: {tmp_path}/small (train) cannot be read: ')
    assert len(lines) == 4


def test_data_sets_of_one_folder_have_numbers_of_their_own(run, small, tmp_path):
    parts = [
        run.settings[f'{split}_dataloader']['dataset'] for split in ('train', 'val')
    ]
    settings = dict(run.settings)
    joined = dict(type='ConcatDataset', datasets=parts)
    settings['train_dataloader'] = dict(dataset=joined)
    two = SimpleNamespace(settings=settings, place=run.place, tests={})
    wanted = {'images/validation': dict(train=3, val=1), 'train': 2}
    assert missing_data([two], {'data/small': wanted}) == [
        f'data: {tmp_path}/small has 1 samples for train, not 3'
    ]
