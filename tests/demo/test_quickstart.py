from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest


@pytest.fixture
def quickstart(repo_root):
    path = repo_root / 'demo' / 'quickstart.py'
    spec = importlib.util.spec_from_file_location('quickstart', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_log(work_dir, run, records):
    path = work_dir / run / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join(json.dumps(record) for record in records))


LEARNING = [
    dict(mIoU=2.5, step=0),
    dict(loss=3.0, step=50),
    dict(mIoU=20.0, step=500),
    dict(mIoU=31.5, step=1000),
]


def test_miou_of_the_last_run_first_and_last(quickstart, tmp_path):
    write_log(tmp_path, '20260101_000000', [dict(mIoU=9, step=0), dict(mIoU=9, step=1)])
    write_log(tmp_path, '20260101_000001', LEARNING)
    scalars = quickstart.newest_scalars(tmp_path)
    assert quickstart.read_miou(scalars) == (2.5, 31.5)


@pytest.mark.parametrize('records', [LEARNING[1:], LEARNING[:2], []])
def test_a_log_without_both_ends_is_refused(quickstart, tmp_path, records):
    write_log(tmp_path, 'run', records)
    with pytest.raises(SystemExit, match='expected one at step 0'):
        quickstart.read_miou(quickstart.newest_scalars(tmp_path))


def test_missing_log_and_checkpoint_are_named(quickstart, tmp_path):
    with pytest.raises(SystemExit, match=f'no log below {tmp_path}'):
        quickstart.newest_scalars(tmp_path)
    with pytest.raises(SystemExit, match='last_checkpoint is missing'):
        quickstart.last_checkpoint(tmp_path)


def test_config_and_scripts_exist(quickstart, repo_root):
    for path in (quickstart.CONFIG, quickstart.GENERATE[0], 'demo/image_demo.py'):
        assert (repo_root / path).is_file(), path


def test_one_core_is_left_unless_the_user_says_how_many(quickstart, monkeypatch):
    monkeypatch.setattr(quickstart.os, 'sched_getaffinity', lambda _: {0, 1, 2})
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    assert quickstart.environment()['OMP_NUM_THREADS'] == '2'
    monkeypatch.setattr(quickstart.os, 'sched_getaffinity', lambda _: {0})
    assert quickstart.environment()['OMP_NUM_THREADS'] == '1'
    monkeypatch.setenv('OMP_NUM_THREADS', '4')
    assert quickstart.environment()['OMP_NUM_THREADS'] == '4'


def test_it_stops_at_the_first_failing_step(quickstart, monkeypatch, tmp_path, capfd):
    script = tmp_path / 'broken.py'
    script.write_text("raise SystemExit('disk full')\n")
    monkeypatch.setattr(quickstart, 'GENERATE', (str(script),))
    monkeypatch.setattr(sys, 'argv', ['quickstart'])
    with pytest.raises(SystemExit, match='broken.py failed with status 1'):
        quickstart.main()
    output = capfd.readouterr()
    assert '=== 1/4' in output.out and '=== 2/4' not in output.out
    assert 'disk full' in output.err


def test_the_steps_in_order(quickstart, monkeypatch, tmp_path, capsys):
    """The scripts are recorded instead of run; the log is that of a training."""
    commands = []

    def run(script, *arguments):
        commands.append([script, *map(str, arguments)])
        if script == 'tools/train.py':
            write_log(tmp_path, 'run', LEARNING)
            (tmp_path / 'last_checkpoint').write_text('iter_1000.pth')

    monkeypatch.setattr(quickstart, 'run', run)
    monkeypatch.setattr(quickstart, 'validation_image', lambda: Path('val.jpg'))
    argv = ['quickstart', '--work-dir', str(tmp_path), '--cfg-options', 'a=1']
    monkeypatch.setattr(sys, 'argv', argv)
    quickstart.main()
    scripts = [command[0] for command in commands]
    assert scripts == [quickstart.GENERATE[0], 'tools/train.py', 'demo/image_demo.py']
    options = ['--cfg-options', *quickstart.OPTIONS, 'a=1']
    assert commands[1][2:] == ['--work-dir', str(tmp_path), *options]
    assert commands[2][1:4] == ['val.jpg', quickstart.CONFIG, 'iter_1000.pth']
    output = capsys.readouterr().out
    assert 'before training' in output and '2.50' in output and '31.50' in output
    assert str(tmp_path / 'quickstart.png') in output and 'Time:' in output
