from __future__ import annotations

import argparse

import pytest

from diffmm.utils.progress_folder import ProgressFolder, settings_of


def test_results_stay_and_a_line_that_was_cut_off_does_not_count(tmp_path):
    out = tmp_path / 'out.json'
    progress = ProgressFolder(out, dict(seed=0), 'answers')
    assert progress.read('answers') == {}
    progress.append('answers', dict(a=[1, 2], b='ü'))
    with (progress.folder / 'answers.jsonl').open('a') as file:
        file.write('["c", 1')
    again = ProgressFolder(out, dict(seed=0), 'answers')
    assert again.read('answers') == dict(a=[1, 2], b='ü')
    again.append('answers', dict(c=3))
    assert again.read('answers') == dict(a=[1, 2], b='ü', c=3)
    again.remove()
    assert list(tmp_path.iterdir()) == []


def test_results_of_other_settings_are_refused(tmp_path):
    out = tmp_path / 'out.json'
    ProgressFolder(out, dict(seed=0), 'answers')
    ProgressFolder(out, dict(seed=1), 'answers').append('answers', dict(a=1))
    with pytest.raises(ValueError, match='(?s)holds answers of other.*"seed": 1'):
        ProgressFolder(out, dict(seed=2), 'answers')


def test_settings_of_a_command_line():
    args = argparse.Namespace(config='a.py', count=3, device='cuda', out='here')
    assert settings_of(args, ('device', 'out')) == dict(config='a.py', count='3')
