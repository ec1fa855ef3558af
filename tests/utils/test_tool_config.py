from __future__ import annotations

import argparse
import os
import sys

import pytest

from diffmm.utils import tool_config
from diffmm.utils.command_line import UserError


@pytest.fixture
def parse(monkeypatch):
    monkeypatch.setenv('LOCAL_RANK', '0')

    def run(*arguments):
        parser = argparse.ArgumentParser()
        parser.add_argument('config')
        tool_config.add_common_arguments(parser)
        return parser.parse_args([str(argument) for argument in arguments])

    return run


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'experiment.py'
    path.write_text('model = dict(depth=1, size=(1, 2))\n')
    return path


def test_options_override_nested_entries(parse, config):
    args = parse(config, '--cfg-options', 'model.depth=3', 'model.size="(4,5)"')
    cfg = tool_config.load_config(args)
    assert cfg.model == dict(depth=3, size=(4, 5)) and cfg.launcher == 'none'


@pytest.mark.parametrize('spelling', ['--local-rank=3', '--local_rank=3'])
def test_both_spellings_of_the_rank_reach_the_environment(
    parse, config, monkeypatch, spelling
):
    args = parse(config, spelling, '--launcher', 'pytorch')
    monkeypatch.delenv('LOCAL_RANK')
    assert tool_config.load_config(args).launcher == 'pytorch'
    assert os.environ['LOCAL_RANK'] == '3'


def test_the_launchers_own_rank_wins(parse, config, monkeypatch):
    monkeypatch.setenv('LOCAL_RANK', '1')
    tool_config.load_config(parse(config))
    assert os.environ['LOCAL_RANK'] == '1'


def test_work_dir_command_line_then_config_then_name(parse, config):
    load = tool_config.load_config
    assert load(parse(config)).work_dir == os.path.join('work_dirs', 'experiment')
    config.write_text("work_dir = 'own'\n")
    assert load(parse(config)).work_dir == 'own'
    assert load(parse(config, '--work-dir', 'given')).work_dir == 'given'


def test_a_missing_file_is_named_and_addresses_are_left_alone(tmp_path):
    with pytest.raises(SystemExit, match="checkpoint 'no.pth' does not exist"):
        tool_config.require_file('no.pth', 'checkpoint')
    with pytest.raises(SystemExit, match='is a folder: give the file'):
        tool_config.require_file(str(tmp_path), 'checkpoint')
    tool_config.require_file('https://host/weights.pth', 'checkpoint')


def test_a_launcher_among_the_options_is_refused(parse, config):
    with pytest.raises(UserError, match='has no effect: give --launcher'):
        tool_config.load_config(parse(config, '--cfg-options', 'launcher=slurm'))


def test_an_unknown_runner_is_named(config):
    from mmengine.config import Config

    with pytest.raises(KeyError, match='NoSuchRunner'):
        tool_config.build_runner(Config(dict(runner_type='NoSuchRunner')))


@pytest.mark.parametrize(
    ('launcher', 'variable', 'script'),
    [
        ('pytorch', 'RANK', 'dist_train.sh'),
        ('slurm', 'SLURM_PROCID', 'slurm_train.sh'),
        ('mpi', 'OMPI_COMM_WORLD_LOCAL_RANK', 'mpirun'),
    ],
)
def test_a_launcher_that_started_nothing_is_named(
    monkeypatch, launcher, variable, script
):
    from mmengine.config import Config

    monkeypatch.delenv(variable, raising=False)
    message = f'--launcher {launcher}: {variable} is not set.*use .*{script}'
    with pytest.raises(UserError, match=message):
        tool_config.build_runner(Config(dict(model=dict(), launcher=launcher)))
    with pytest.raises(UserError, match='has no entry "model"'):
        tool_config.build_runner(Config(dict(launcher=launcher)))


def test_a_missing_host_is_named_before_anything_is_built(parse, config, monkeypatch):
    config.write_text("default_scope = 'mmpose'\nmodel = dict(type='NoSuchModel')\n")
    monkeypatch.setitem(sys.modules, 'mmpose.models', None)
    with pytest.raises(SystemExit, match=r'experiment.py needs mmpose, .*diffmm\[pose'):
        tool_config.load_config(parse(config))


@pytest.mark.parametrize(
    ('name', 'value'),
    [('lr', 'abc'), ('lr', None), ('lr', -1e-4), ('weight_decay', float('nan'))],
)
def test_a_rate_that_is_no_number_is_named(parse, tmp_path, name, value):
    path = tmp_path / 'rates.py'
    optimizer = dict(type='AdamW', lr=1e-3) | {name: value}
    path.write_text(
        f'nan = float("nan")\noptim_wrapper = dict(optimizer={optimizer!r})\n'
    )
    with pytest.raises(UserError, match=f'optimizer.{name}=.* is no number'):
        tool_config.load_config(parse(path))


@pytest.mark.parametrize(
    ('evaluator', 'value'),
    [
        ('val_evaluator', dict(type='IoUMetric', iou_metrics=['mIoU', 'foo'])),
        ('test_evaluator', [dict(type='IoUMetric', iou_metrics='foo')]),
        (
            'test_evaluator',
            dict(type='TaskEvaluator', metrics=dict(a=dict(iou_metrics=['foo']))),
        ),
    ],
)
def test_an_unknown_score_is_named_before_any_picture(
    parse, tmp_path, evaluator, value
):
    path = tmp_path / 'scores.py'
    path.write_text(f'{evaluator} = {value!r}\n')
    with pytest.raises(UserError, match=f"{evaluator}: iou_metrics='foo' is none"):
        tool_config.load_config(parse(path))
    path.write_text(f'{evaluator} = {value!r}\n'.replace('foo', 'mDice'))
    tool_config.load_config(parse(path))


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('train_cfg = dict(max_iters=-1)', r'train_cfg.max_iters=-1 is no whole'),
        ('train_cfg = dict(max_epochs="abc")', r"train_cfg.max_epochs='abc' is no"),
        (
            'train_cfg = dict(max_iters=4, val_interval=0)',
            r'train_cfg.val_interval=0 is no whole number from 1 on',
        ),
        ('randomness = dict(seed="abc")', "randomness.seed='abc' is no whole number"),
        ('log_level = "LOUD"', "log_level='LOUD' is none of DEBUG, INFO"),
        ('env_cfg = dict(cudnn=True)', 'env_cfg.cudnn is read by nothing; env_cfg has'),
    ],
)
def test_a_setting_of_the_run_that_does_nothing_is_named(
    parse, tmp_path, text, message
):
    path = tmp_path / 'run.py'
    path.write_text(f'{text}\n')
    with pytest.raises(UserError, match=message):
        tool_config.load_config(parse(path))
