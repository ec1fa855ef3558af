from __future__ import annotations

import runpy

import pytest

from diffmm.studies import StudyError, hash_settings, resolve
from diffmm.studies.settings import differences, map_strings, place, write_settings

BASE = """
size = (8, 8)
model = dict(type='A', sizes=size, head=dict(type='B', a=1, b=2))
train_cfg = dict(max_iters=4)
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / 'base.py').write_text(BASE)
    (tmp_path / 'child.py').write_text("_base_ = './base.py'\nmodel = dict(extra=3)\n")
    return tmp_path / 'child.py'


def test_bases_and_overrides_are_merged(config):
    override = dict(model=dict(head=dict(_delete_=True, type='C')))
    settings = resolve(config, override, dict(train_cfg=dict(max_iters=2)))
    assert settings['model'] == dict(
        type='A', sizes=(8, 8), head=dict(type='C'), extra=3
    )
    assert settings['train_cfg'] == dict(max_iters=2)


def test_the_hash_is_that_of_what_a_runner_uses(config, tmp_path):
    other = tmp_path / 'other.py'
    other.write_text(
        "train_cfg = dict(max_iters=4)\nanything = 5\nwork_dir = 'x'\n"
        "model = dict(extra=3, type='A', sizes=[8, 8], head=dict(b=2, a=1, type='B'))"
    )
    first = hash_settings(resolve(config))
    assert hash_settings(resolve(other)) == first and len(first) == 12
    assert hash_settings(resolve(config, dict(model=dict(extra=4)))) != first


def test_what_is_written_reads_the_same(config, tmp_path):
    settings = resolve(config)
    path = tmp_path / 'written.py'
    path.write_text(write_settings(settings))
    found = runpy.run_path(str(path))
    assert {key: found[key] for key in settings} == settings


def test_errors_name_the_config(config, tmp_path):
    with pytest.raises(StudyError, match=r'no\.py does not exist'):
        resolve(tmp_path / 'no.py')
    with pytest.raises(StudyError, match=r'does not fit .*child\.py'):
        resolve(config, dict(train_cfg=dict(max_iters=dict(x=1))))


def test_differences_are_named():
    ours = dict(a=dict(b=1, c=2), d='x', e=[dict(f=1), 4])
    theirs = dict(a=dict(b=1, c=3), e=[dict(f=2), 4])
    assert list(differences(ours, theirs)) == [
        'a.c: 2, there 3',
        "d: 'x', there 'nothing'",
        'e.0.f: 1, there 2',
    ]


def test_strings_are_placed_wherever_they_are():
    config = dict(a=['data/x', ('data', 1)], b='my/data')
    found = map_strings(config, lambda text: place(text, {'data': '/there'}))
    assert found == dict(a=['/there/x', ('/there', 1)], b='my/data')
