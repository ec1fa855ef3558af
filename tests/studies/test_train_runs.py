from __future__ import annotations

import sys
from threading import Event

import pytest

from diffmm.studies import Measure, Run, RunFailedError, train_runs

module = sys.modules[train_runs.__module__]

LAST = [Measure('mIoU')]


def test_all_runs_are_completed_once(make_run, launcher, capsys):
    def runs():
        return [make_run(f'run{value}', LAST, value=value) for value in range(3)]

    train_runs(runs(), launcher, processes=2)
    out = capsys.readouterr().out
    assert '3 runs, 3 to train' in out and 'min left' in out
    assert [run.figures['mIoU'] for run in runs()] == [0, 4, 8]
    train_runs(runs(), launcher, processes=2)
    assert '3 runs, 0 to train' in capsys.readouterr().out
    assert (runs()[1].folder / 'train.log').read_text().count('training') == 1


def test_after_a_failure_nothing_starts(make_run, launcher, capsys):
    runs = [
        make_run('a', LAST),
        make_run('b', LAST, fail=True),
        make_run('c', LAST),
    ]
    with pytest.raises(RunFailedError, match=r'b failed, see .*/b/train\.log'):
        train_runs(runs, launcher, processes=1)
    assert '1/3 a: mIoU 4' in capsys.readouterr().out
    assert [run.figures for run in runs] == [{'mIoU': 4}, {}, {}]


def test_after_an_interruption_nothing_starts(make_run, launcher, monkeypatch):
    runs = [make_run('a', LAST), make_run('b', LAST)]
    started = Event()
    interrupted = Event()

    def complete(*args):
        started.set()
        interrupted.wait(10)
        return {'mIoU': 1}

    def wait(futures):
        assert started.wait(10)
        raise KeyboardInterrupt

    def note(*args, **kwargs):
        if args[0].startswith('interrupted'):
            interrupted.set()

    done = []
    monkeypatch.setattr(Run, 'complete', lambda *args: done.append(complete(*args)))
    monkeypatch.setattr(module, 'as_completed', wait)
    monkeypatch.setattr(module, 'print', note, raising=False)
    with pytest.raises(KeyboardInterrupt):
        train_runs(runs, launcher, processes=1)
    assert len(done) == 1
