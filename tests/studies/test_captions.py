from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from diffmm.datasets.captioning import captioner, read_captions
from diffmm.mini_world import generate
from diffmm.studies import StudyError, caption_data
from tests.datasets.captioning.tiny_captioners import write_mini

FILE = 'data/captions/world.json'


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    """A small world, and the folder of a captioner with random weights."""
    folder = tmp_path_factory.mktemp('data')
    generate(folder / 'small', layout='ade20k', num_train=3, num_val=1, size=64)
    write_mini(folder / 'shipped' / 'mini-captioner')
    return folder


@pytest.fixture
def make_run(world, tmp_path, monkeypatch):
    """Describe a run that reads some of the world, and its captions."""
    monkeypatch.setattr(captioner, '_SHIPPED_FOLDER', world / 'shipped')

    def loader(split, file, count):
        prefixes = dict(img_path=f'images/{split}', seg_map_path=f'annotations/{split}')
        dataset = dict(
            type='mmseg.ADE20KDataset',
            data_root='data/small',
            data_prefix=prefixes,
            indices=count,
            pipeline=[dict(type='LoadCaption', ann_file=file, extension=False)],
        )
        return dict(dataset=dataset)

    def place(text):
        text = text.replace('data/small', str(world / 'small'))
        return text.replace('data/', f'{tmp_path}/')

    def make(count, file=FILE, is_done=False):
        settings = dict(
            default_scope='mmseg',
            train_dataloader=loader('training', file, count),
            val_dataloader=loader('validation', file, None),
        )
        return SimpleNamespace(
            settings=settings, place=place, is_done=is_done, tests={}
        )

    return make


def test_pictures_that_runs_read_get_captions(make_run, tmp_path, capsys):
    file = tmp_path / 'captions' / 'world.json'
    caption_data([make_run(1), make_run(2), make_run(3, is_done=True)])
    names = ['ADE_train_00000001', 'ADE_train_00000002', 'ADE_val_00000001']
    assert list(read_captions(file)) == names
    assert f'{file}: 3 captions written' in capsys.readouterr().out
    # What is there stays, and only what is missing is written.
    entries = {**read_captions(file), names[0]: {'captions': ['mine']}}
    file.write_text(json.dumps(entries))
    caption_data([make_run(3)])
    assert len(read_captions(file)) == 4
    assert read_captions(file)[names[0]] == {'captions': ['mine']}
    assert '1 captions written' in capsys.readouterr().out


def test_captions_of_a_data_set_are_its_own(make_run, world, tmp_path):
    before = sorted(world.rglob('*'))
    caption_data([make_run(1, 'data/small/captions/ade20k_captions.json')])
    assert sorted(world.rglob('*')) == before and not list(tmp_path.iterdir())


def test_what_cannot_be_captioned_is_said(make_run, world, tmp_path, monkeypatch):
    monkeypatch.setattr(captioner, '_SHIPPED_FOLDER', tmp_path)
    with pytest.raises(StudyError, match=r'world\.json: .*this installation has none'):
        caption_data([make_run(1)])
    monkeypatch.undo()
    monkeypatch.setattr(captioner, '_SHIPPED_FOLDER', world / 'shipped')
    (tmp_path / 'captions' / 'world.json').write_text('[]')
    with pytest.raises(StudyError, match='is no caption file'):
        caption_data([make_run(1)])


def test_captions_of_a_target_domain_lose_their_words_for_style(make_run, monkeypatch):
    cleaners, ways = [], []

    def generate(pictures, file, settings, key, cleaner, processes):
        cleaners.append(cleaner)
        ways.append(settings.cleaning)
        return SimpleNamespace(unreadable=[], written=0)

    monkeypatch.setattr('diffmm.studies.captions.generate_captions', generate)
    run = make_run(1)
    caption_data([run])
    domain = dict(type='TargetDomainText', domain='night', modifier='null')
    run.settings['val_dataloader']['dataset']['pipeline'].append(domain)
    caption_data([run])
    plain, cleaner = cleaners
    assert plain is None and cleaner(['a dark night photo of a tree']) == ['a tree']
    # The file says so.
    assert ways == ['', 'words of DiffMM']
