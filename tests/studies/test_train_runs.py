from __future__ import annotations

import pytest

from diffmm.studies import StudyRun, train_runs


def make(tmp_path, scripts, **configs):
    return [
        StudyRun(tmp_path / name, text, ('mIoU',), scripts)
        for name, text in configs.items()
    ]


def test_all_runs_are_completed_once(tmp_path, scripts, capsys):
    configs = {f'run{value}': f'value = {value}' for value in range(3)}
    train_runs(make(tmp_path, scripts, **configs), processes=2)
    assert '3 runs, 3 to train' in capsys.readouterr().out
    runs = make(tmp_path, scripts, **configs)
    assert [run.result['mIoU'] for run in runs] == [0, 2, 4]
    train_runs(runs, processes=2)
    assert '3 runs, 0 to train' in capsys.readouterr().out
    log = (tmp_path / 'run1' / 'train.log').read_text()
    assert log.count('training') == 1


def test_after_a_failure_nothing_starts(tmp_path, scripts, capsys):
    runs = make(tmp_path, scripts, a='value = 1', b='fail = True', c='value = 3')
    with pytest.raises(SystemExit, match='a run failed, see .*/b/train.log'):
        train_runs(runs, processes=1)
    assert '1/3 a: mIoU 2' in capsys.readouterr().out
    assert [run.result for run in runs] == [{'mIoU': 2}, None, None]
    (tmp_path / 'b' / 'configs' / 'run.py').write_text('value = 2')
    train_runs(make(tmp_path, scripts, a='value = 1', b='value = 2', c='value = 3'))
    assert all(run.result for run in runs)
