from __future__ import annotations

import subprocess

import pytest

from diffmm.studies import (
    Options,
    RunFailedError,
    Study,
    load_tables,
    make_weights,
    missing_weights,
    pretraining_command,
)
from tests import tiny


@pytest.fixture
def study(tables, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = tables.read_text().replace(
        'schedules:', 'weights: {made/mini-9: 9}\nschedules:'
    )
    tables.write_text(
        text.replace('config: big}', 'config: big, mini: small, weights: made/mini-9}')
    )

    def make(kind, table, **options):
        file = load_tables(tables)
        options = Options(tmp_path / 'work', mini=True, **options)
        return Study(file, file.find(kind, table), options)

    return make


def test_the_random_unet_is_made(study, tmp_path):
    base = tiny.write_folder(tmp_path / 'base')
    wanted = study('table', 'weights', weights=str(base))
    make_weights(wanted, tmp_path)
    assert wanted.random_weights.startswith('pretrained/base-random')
    assert (tmp_path / wanted.random_weights / 'vae').samefile(base / 'vae')


def test_other_weights_of_the_same_name_have_another_random_unet(study, tmp_path):
    for folder in ('one', 'two'):
        base = tiny.write_folder(tmp_path / folder / 'mini')
        wanted = study('table', 'weights', weights=str(base))
        make_weights(wanted, tmp_path)
        assert (tmp_path / wanted.random_weights / 'vae').samefile(base / 'vae')


def test_pretraining_is_one_command_until_it_is_done(study, tmp_path, monkeypatch):
    figure = study('figure', '3')
    command = pretraining_command(figure, tmp_path)
    assert command[1:] == [
        str(tmp_path / 'pretrain_mini.py'),
        *('--work-dir', str(tmp_path / 'work' / 'pretrain_mini')),
        *('--snapshots', '9=made/mini-9'),
    ]
    failed = subprocess.CompletedProcess(command, 1)
    monkeypatch.setattr(subprocess, 'run', lambda *args, **kwargs: failed)
    with pytest.raises(RunFailedError, match=r'failed: .*pretrain_mini\.py'):
        make_weights(figure, tmp_path)
    (tmp_path / 'made/mini-9').mkdir(parents=True)
    (tmp_path / 'made/mini-9/model_index.json').touch()
    make_weights(figure, tmp_path)
    assert pretraining_command(figure, tmp_path) == []


def test_missing_weights_are_named(study, tmp_path):
    assert missing_weights(study('table', '1')) == []
    (line,) = missing_weights(study('table', '1', weights='some/where'))
    assert line.startswith("weights: some/where is neither a folder nor in the hub's")
    (line,) = missing_weights(study('table', '1', weights='/no/x.ckpt'))
    assert line == 'weights: /no/x.ckpt does not exist'


def test_missing_words_are_named(study, tmp_path):
    table = study('table', '1')
    backbone = dict(learned_words=['pretrained/night/learned_embeds.safetensors'])
    for run in table.runs:
        run.settings['model']['backbone'] = backbone
    (line,) = missing_weights(table)
    assert 'night/learned_embeds.safetensors does not exist' in line
    path = tmp_path / backbone['learned_words'][0]
    path.parent.mkdir(parents=True)
    path.touch()
    assert missing_weights(table) == []
