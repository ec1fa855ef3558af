from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diffmm.studies import Run, load_tables
from tests.studies.conftest import SMALL, TABLES

ROOT = Path(__file__).resolve().parents[2]
TOY = """
schedules:
  short:
    train_cfg: {max_iters: 6, val_interval: 3}
    default_hooks: {logger: {log_metric_by_epoch: false}}
tables:
  1:
    title: A toy
    tasks:
      toys:
        schedule: short
        metrics:
          half: {key: toy/mean, at: 0.5, digits: 4}
          whole: {key: toy/mean, digits: 4}
    rows:
      - {name: theirs, toys: {published: [0.1, 0.2]}}
      - {name: plain, toys: {config: toy_8xb2, mini: toy, published: [0.3, 0.4]}}
      - name: slow
        toys:
          config: toy_8xb2
          mini: toy
          overrides: {optim_wrapper: {optimizer: {lr: 0.01}}}
"""


@pytest.fixture
def tool(load_tool):
    return load_tool('reproduce')


@pytest.fixture
def toy(toy_config, tmp_path, monkeypatch):
    """A ``tables.yml`` of the toy experiment, and arguments to run it."""
    monkeypatch.chdir(tmp_path)
    toy_config()
    toy_config(name='toy_8xb2.py')
    (tmp_path / 'tables.yml').write_text(TOY)
    return [str(tmp_path / 'tables.yml'), '--table', '1', '--work-dir', 'work']


@pytest.fixture
def declared(tmp_path, monkeypatch):
    """A ``tables.yml`` whose runs are not real."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'tables.yml').write_text(TABLES)
    (tmp_path / 'small.py').write_text(SMALL)
    (tmp_path / 'big.py').write_text("_base_ = './small.py'\n")
    return str(tmp_path / 'tables.yml')


def fail(tool, argv, capsys):
    """Message of an error of the command line."""
    with pytest.raises(SystemExit) as error:
        tool.main(argv)
    assert error.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_what_is_declared_is_listed(tool, capsys):
    tool.main(['vpd'])
    out = capsys.readouterr().out
    assert '--table 5: The parts of VPD' in out and '--figure 3: ' in out
    assert '--table depth: ' in out and '(mini world only)' in out


def test_commands_of_full_size_runs(tool, declared, capsys):
    argv = [declared, '--table', '1', '--dry-run', '--gpus', '2', '--rows', 'one']
    tool.main(argv)
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r'bash \S*tools/dist_train\.sh \S*big_seed0/configs/run\.py 2 '
        r'--work-dir \S*big_seed0 --resume --auto-scale-lr',
        line,
    )
    tool.main([*argv, '--launcher', 'slurm', '--partition', 'gpu'])
    assert 'slurm_train.sh gpu big_seed0' in capsys.readouterr().out


@pytest.mark.parametrize('mini', [[], ['--mini']], ids=['full size', 'mini'])
@pytest.mark.parametrize(
    'folder', ['detection', 'meta_prompts', 'mini_sd', 'pose', 'vpd']
)
def test_every_table_says_what_it_would_run(
    tool, folder, mini, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for table in load_tables(tool.find_file(folder)).tables:
        tool.main([folder, f'--{table.kind}', table.name, '--dry-run', *mini])
        out = capsys.readouterr().out
        script = 'train.py' if mini or table.is_mini_only() else 'dist_train.sh'
        assert f'tools/{script}' in out, table.label
    assert list(tmp_path.iterdir()) == []


def test_costs_are_those_of_the_changed_config(tool, declared, capsys, monkeypatch):
    counted = []

    def count(settings):
        counted.append(settings['model'])
        return dict(flops=4.0)

    monkeypatch.setattr(tool, 'count_model_cost', count)
    path = Path(declared)
    path.write_text(path.read_text().replace('{key: mIoU, digits: 1}', '{key: flops}'))
    argv = [declared, '--table', '1', '--mini', '--metrics', 'mIoU', '--rows', 'two']
    tool.main([*argv, '--cfg-options', 'model.depth=7'])
    (model,) = counted
    assert model['depth'] == 7 and model['value'] == 2
    assert '4.00' in capsys.readouterr().out


def test_commands_of_mini_runs_write_nothing(tool, declared, capsys, tmp_path):
    tool.main([declared, '--table', 'weights', '--dry-run'])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9 and sum('test.py' in line for line in lines) == 3
    assert not (tmp_path / 'work_dirs').exists()


@pytest.mark.parametrize(
    'argv, message',
    [
        (['vdp'], 'no configs/vdp/tables.yml; there are: .*meta_prompts.*vpd'),
        (['vpd', '--tasks', 'depth'], '--tasks needs --table or --figure'),
        (['addp', '--mini', '--dry-run'], '--dry-run needs --table or --figure'),
        (['vpd', '--table', '9'], "declares no table '9', only: table 1, .*figure 3"),
        (['vpd', '--figure', '5'], "declares no figure '5'"),
        (
            ['vpd', '--table', '5', '--rows', 'none'],
            "table 5 has no row 'none', only: empty prompt, ",
        ),
        (
            ['vpd', '--table', '5', '--metrics', 'AP'],
            "table 5 has no metric 'AP', only: mIoU, half, mIoU",
        ),
        (
            ['vpd', '--table', '5', '--gpus', '800'],
            r'--gpus 800: this machine has \d+; name another number',
        ),
        (
            ['vpd', '--table', '5', '--mini', '--cfg-options', 'train_cfg'],
            '--cfg-options takes KEY=VALUE',
        ),
        (
            ['vpd', '--table', '5', '--mini', '--data', __file__],
            r'--data .*\.py is a file: name the folder',
        ),
        (['vpd', '--table', '5', '--launcher', 'slurm'], 'slurm needs --partition'),
        (
            ['vpd', '--table', '5', '--dry-run', '--processes', '2'],
            '--processes 2: with --launcher pytorch each run takes all GPUs',
        ),
        (
            ['vpd', '--table', '5', '--mini', '--dry-run', '--gpus', '2'],
            '--gpus 2: a run is one process with --launcher none .*give --launcher',
        ),
        (
            ['vpd', '--table', '5', '--dry-run', '--launcher', 'none', '--gpus', '8'],
            '--gpus 8: a run is one process with --launcher none',
        ),
        (
            ['vpd', '--table', '4', '--dry-run', '--gpus', '2'],
            'the recipe has 4 GPUs, and its config has no auto_scale_lr',
        ),
        (['vpd', '--table', '5', '--mini', '--data', '/no'], '--data /no does not'),
        (
            ['vpd', '--table', 'depth', '--weights', '/no/sd', '--work-dir', '/no'],
            'weights: /no/sd does not exist',
        ),
    ],
)
def test_mistakes_are_one_clear_error(tool, argv, message, capsys):
    assert re.search(message, fail(tool, argv, capsys))


def test_a_folder_may_be_given_as_a_path(tool, declared, capsys, tmp_path):
    tool.main([str(tmp_path)])
    assert '--table 1: One and two' in capsys.readouterr().out


def test_seeds_that_repeat_count_once(tool, declared, capsys):
    argv = [declared, '--table', '1', '--mini', '--rows', 'one', '--seeds', '1', '1']
    tool.main([*argv, '--dry-run'])
    (line,) = capsys.readouterr().out.splitlines()
    assert 'seed1' in line


def test_rows_without_a_training_say_so(tool, declared, capsys):
    tool.main([declared, '--table', '1', '--rows', 'theirs', '--dry-run'])
    assert capsys.readouterr().out.startswith('nothing to train')


def test_an_interruption_is_one_line(tool, declared, capsys, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(tool, 'train_runs', interrupt)
    monkeypatch.setattr(tool, 'draw_data', lambda *args: None)
    with pytest.raises(SystemExit) as error:
        tool.main([declared, '--table', '1', '--mini'])
    assert error.value.code == 130
    assert 'the same command goes on' in capsys.readouterr().err


def test_missing_siblings_and_other_settings(tool, declared, capsys, tmp_path):
    argv = [declared, '--figure', '3', '--mini']
    assert 'big has no mini sibling' in fail(tool, argv, capsys)
    folder = tmp_path / 'work' / 'small_short_seed0'
    folder.mkdir(parents=True)
    record = dict(hash='0', figures={}, settings=dict(train_cfg=dict(max_iters=9)))
    (folder / 'run.json').write_text(json.dumps(record))
    argv = [declared, '--table', '1', '--mini', '--work-dir', 'work']
    message = fail(tool, argv, capsys)
    assert 'holds a run of other settings' in message and 'there' in message


def test_data_of_other_counts(tool, declared, capsys, tmp_path):
    folder = tmp_path / 'data' / 'mini_ade20k'
    folder.mkdir(parents=True)
    (folder / 'holiday.jpg').touch()
    argv = [declared, '--table', '1', '--mini']
    assert 'mini_ade20k' in fail(tool, argv, capsys)


def test_what_a_full_size_run_misses(tool, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tool.torch.cuda, 'device_count', lambda: 8)
    monkeypatch.setenv('HF_HUB_CACHE', str(tmp_path))
    with pytest.raises(SystemExit):
        tool.main(['vpd', '--table', '5', '--weights', 'no/weights'])
    message = capsys.readouterr().err
    assert 'weights: no/weights is neither' in message
    assert 'data: data/ade/ADEChallengeData2016 does not exist' in message


def test_collecting_only_reads(tool, declared, capsys, monkeypatch):
    monkeypatch.setattr(Run, 'complete', lambda *args: pytest.fail('it trains'))
    tool.main([declared, '--table', '1', '--mini', '--collect'])
    out = capsys.readouterr().out
    assert '## Published' in out and '0 of 6 runs are done' in out


@pytest.mark.slow
def test_a_killed_study_goes_on_to_the_same_table(toy, tmp_path, repo_root):
    here = repo_root / 'tests' / 'tools'
    environment = {**os.environ, 'PYTHONPATH': f'{repo_root}:{here}'}
    argv = [sys.executable, str(repo_root / 'tools' / 'reproduce.py'), *toy, '--mini']
    argv += ['--rows', 'plain', '--seeds', '0', '1']
    argv += ['--cfg-options', 'default_hooks.checkpoint.interval=1']
    whole = [*argv[:6], 'whole', *argv[7:]]
    assert 'work' == argv[6]

    def call(command):
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    last = tmp_path / 'work' / 'toy_short_seed0' / 'last_checkpoint'
    study = call(argv)
    while not last.exists():
        time.sleep(0.02)
    study.send_signal(signal.SIGKILL)
    study.wait()
    assert call(argv).wait() == 0 and call(whole).wait() == 0
    tables = [
        json.loads(file.read_text())
        for folder in ('work', 'whole')
        for file in (tmp_path / folder).glob('table_1_mini_part_*/table.json')
    ]
    assert len(tables) == 2 and tables[0] == tables[1]
    (row,) = tables[0]['columns'][1]['rows']
    assert len(row['values']) == 2
