from __future__ import annotations

import json

import pytest
import torch
from mmengine.config import Config

from diffmm.utils.command_line import UserError


def losses(work_dir):
    """Loss by step, over all runs in a work dir, later runs winning."""
    found = {}
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            if 'loss' in record:
                found[record['step']] = record['loss']
    return found


def validated(work_dir):
    """The metric of the only run in a work dir."""
    (path,) = work_dir.glob('*/vis_data/scalars.json')
    records = map(json.loads, path.read_text().splitlines())
    (value,) = [each['toy/mean'] for each in records if 'toy/mean' in each]
    return value


def weights(work_dir):
    """The last weights of a run."""
    return torch.load(work_dir / 'iter_4.pth', weights_only=True)['state_dict']


def test_trains_into_a_work_dir_named_after_the_config(toy_config, call_tool, tmp_path):
    call_tool('train', toy_config())
    work_dir = tmp_path / 'work_dirs' / 'toy'
    assert (work_dir / 'toy.py').is_file()
    found = losses(work_dir)
    assert list(found) == [1, 2, 3, 4]
    # The targets are the sum of both inputs; training starts from 0.1.
    assert (weights(work_dir)['layer.weight'] > 0.2).all()


def test_resume_goes_on_where_the_run_stopped(toy_config, call_tool, tmp_path):
    config = toy_config()
    call_tool('train', config, '--work-dir', 'whole')
    stop = ['train_cfg.max_iters=2']
    call_tool('train', config, '--work-dir', 'halves', options=stop)
    assert list(losses(tmp_path / 'halves')) == [1, 2]
    call_tool('train', config, '--work-dir', 'halves', '--resume')
    assert list(losses(tmp_path / 'halves')) == [1, 2, 3, 4]
    assert losses(tmp_path / 'halves') == losses(tmp_path / 'whole')


def test_own_work_dir_runner_type_and_load_from(
    toy_config, call_tool, tmp_path, capsys
):
    config = toy_config("work_dir = 'own'\nrunner_type = 'ToyRunner'\n")
    call_tool('train', config)
    assert 'ToyRunner trains' in capsys.readouterr().out
    options = ['load_from=own/iter_4.pth', 'optim_wrapper.optimizer.lr=0.0']
    call_tool('train', config, '--work-dir', 'again', options=options)
    again, own = weights(tmp_path / 'again'), weights(tmp_path / 'own')
    torch.testing.assert_close(again, own, rtol=0, atol=0)


def test_two_processes_train_like_one_with_the_same_batch(
    toy_config, run_dist, tmp_path, call_tool
):
    call_tool('train', toy_config('train_dataloader.update(batch_size=8)\n', 'one.py'))
    config = toy_config('train_dataloader.update(batch_size=4)\n', 'two.py')
    result = run_dist('dist_train.sh', config, 2)
    assert result.returncode == 0, result.stderr
    # The logged loss is that of rank 0's half, so the weights are compared.
    one = weights(tmp_path / 'work_dirs' / 'one')
    two = weights(tmp_path / 'work_dirs' / 'two')
    torch.testing.assert_close(two, one, rtol=1e-5, atol=1e-6)
    # Each validates half of the points.
    one, two = (validated(tmp_path / 'work_dirs' / name) for name in ('one', 'two'))
    assert two == pytest.approx(one, rel=1e-5)


@pytest.mark.parametrize(
    ('config', 'arguments', 'options', 'message'),
    [
        ('gone.py', [], [], "config 'gone.py' does not exist"),
        ('toy.py', ['--auto-scale-lr'], [], 'needs auto_scale_lr=dict(base_batch_size'),
        (
            'toy.py',
            ['--amp'],
            ['optim_wrapper.type=Other'],
            "optim_wrapper.type is 'Other'",
        ),
    ],
)
def test_mistakes_are_one_line(
    toy_config, call_tool, config, arguments, options, message
):
    toy_config()
    with pytest.raises(SystemExit) as caught:
        call_tool('train', config, *arguments, options=options)
    assert message in str(caught.value)


def test_amp_takes_bfloat16_where_the_gpu_has_it(load_tool, monkeypatch):
    train = load_tool('train')
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    for supported, expected in (
        (True, dict(dtype='bfloat16', loss_scale=1.0)),
        (False, dict(dtype='float16', loss_scale='dynamic')),
    ):
        monkeypatch.setattr(
            torch.cuda,
            'is_bf16_supported',
            lambda including_emulation, supported=supported: supported,
        )
        cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
        train.enable_amp(cfg)
        assert cfg.optim_wrapper == dict(type='AmpOptimWrapper', **expected)
        train.enable_amp(cfg)
        assert cfg.optim_wrapper.type == 'AmpOptimWrapper'


def test_amp_on_a_cpu_is_bfloat16(load_tool):
    train = load_tool('train')
    for kind in ('OptimWrapper', 'AmpOptimWrapper'):
        wrapper = dict(type=kind, loss_scale='dynamic', clip_grad=dict(max_norm=1))
        cfg = Config(dict(optim_wrapper=wrapper))
        train.enable_amp(cfg)
        expected = dict(type='AutocastOptimWrapper', clip_grad=dict(max_norm=1))
        assert cfg.optim_wrapper == expected
    train.enable_amp(cfg)
    assert cfg.optim_wrapper == expected
    cfg = Config(dict(optim_wrapper=dict(type='AmpOptimWrapper', dtype='float16')))
    with pytest.raises(SystemExit, match="dtype is 'float16'.*bfloat16 only"):
        train.enable_amp(cfg)


def test_the_configs_own_amp_settings_stay(load_tool, monkeypatch):
    for name in ('is_available', 'is_bf16_supported'):
        monkeypatch.setattr(torch.cuda, name, lambda **options: True)
    cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper', dtype='bfloat16')))
    load_tool('train').enable_amp(cfg)
    assert cfg.optim_wrapper.dtype == 'bfloat16'


def test_auto_scale_lr_is_enabled(load_tool):
    cfg = Config(dict(auto_scale_lr=dict(base_batch_size=16, enable=False)))
    load_tool('train').enable_auto_scale_lr(cfg)
    assert cfg.auto_scale_lr.enable is True


def test_a_torn_checkpoint_names_an_older_one(toy_config, call_tool, tmp_path):
    config = toy_config()
    call_tool('train', config, '--work-dir', 'out')
    torn = tmp_path / 'out' / 'iter_4.pth'
    torn.write_bytes(torn.read_bytes()[:-200])
    message = r"iter_4.pth cannot be read.*--resume --cfg-options load_from='out/iter_2"
    with pytest.raises(UserError, match=message):
        call_tool('train', config, '--work-dir', 'out', '--resume')
    options = ['load_from=out/iter_2.pth']
    call_tool('train', config, '--work-dir', 'out', '--resume', options=options)
    assert list(losses(tmp_path / 'out')) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ('models.depth=3', r"no entry 'models'; did you mean 'model'\?"),
        ('train_cfg.max_iter=3', r'toy.py: .*max_iter'),
        ('optim_wrapper.optimizer.type=SGDD', 'SGDD'),
        ('load_from=no.pth', 'no checkpoint at no.pth'),
    ],
)
def test_a_wrong_option_leaves_no_work_dir(
    toy_config, call_tool, tmp_path, option, message
):
    with pytest.raises((UserError, KeyError), match=message):
        call_tool('train', toy_config(), '--work-dir', 'out/dir', options=[option])
    assert not (tmp_path / 'out').exists()


def test_a_config_that_cannot_be_read_is_named(call_tool, tmp_path):
    (tmp_path / 'bad.py').write_text('model = dict(\n')
    with pytest.raises(UserError, match=r'the config bad.py cannot be read'):
        call_tool('train', 'bad.py')
