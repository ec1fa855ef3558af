from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from mmengine.config import Config

from diffmm.own_data import DataError
from diffmm.own_data.experiment import (
    BASES,
    PRIORS,
    backbone_channels,
    base_config,
    next_commands,
    set_data,
    write_config,
)
from diffmm.own_data.schedule import Length

CASES = [(*case, prior) for case in BASES for prior in PRIORS]


@pytest.mark.parametrize(('data', 'system', 'prior'), CASES)
def test_every_base_is_a_whole_config(data, system, prior):
    """set_data, fit_schedule and a Runner find what they read."""
    cfg = base_config(data, system, prior)
    assert {'model', 'train_dataloader', 'val_dataloader', 'val_evaluator'} <= set(cfg)
    assert cfg.auto_scale_lr.base_batch_size > 0 and cfg.default_hooks.checkpoint
    assert {'max_iters', 'max_epochs'} & set(cfg.train_cfg)
    # Helpers of the bases, and a second test with augmentation.
    assert not {'tta_model', 'tta_pipeline', 'data_root', 'backbone'} & set(cfg)
    pretrained = cfg.model.get('backbone', cfg.model).pretrained
    assert (pretrained == 'mini') == (prior == 'mini')


@pytest.mark.parametrize('system', ['vpd', 'tadp'])
def test_channels_are_those_that_the_shipped_neck_takes(system):
    """VPD's attention has a map for each class of the mini world, TADP's 77."""
    cfg = base_config('masks', system, 'mini')
    assert backbone_channels(cfg) == cfg.model.neck.in_channels
    del cfg.model.backbone.attention
    assert backbone_channels(cfg) == [32, 64, 128, 128]


@pytest.mark.parametrize(
    ('data', 'system', 'message'),
    [
        ('coco', 'vermouth', 'vermouth takes --masks; for --coco .*vpd, tadp, det'),
        ('masks', 'marigold', 'marigold takes --depth; for --masks there are vpd,'),
        ('depth', 'detection', 'detection takes --coco; for --depth .*, marigold$'),
    ],
)
def test_systems_list_what_they_take(data, system, message):
    with pytest.raises(DataError, match=message):
        base_config(data, system, 'mini')


def test_data_sets_take_their_places():
    cfg = base_config('depth', 'vpd', 'mini')
    hooks = list(cfg.get('custom_hooks') or [])
    train, val = dict(type='A'), dict(type='B')
    set_data(cfg, train, val, dict(type='M'), [dict(type='Load')])
    assert cfg.train_dataloader.dataset == train
    assert cfg.val_dataloader.dataset == cfg.test_dataloader.dataset == val
    assert cfg.val_evaluator == cfg.test_evaluator == dict(type='M')
    assert cfg.test_dataloader.batch_size == 1 and cfg.test_dataloader.num_workers == 2
    assert cfg.custom_hooks == [*hooks, dict(type='FeatureContractHook')]
    # A perceptor has no maps that a neck or head could disagree with.
    cfg = base_config('depth', 'marigold', 'mini')
    before = cfg.get('custom_hooks')
    set_data(cfg, train, val, dict(type='M'), [])
    assert cfg.get('custom_hooks') == before


@pytest.fixture
def cfg():
    """A config with names that are not ASCII, and an entry that nothing reads."""
    model = dict(type='A', classes=['天空', 'it\'s "x"'])
    return Config(dict(data_root='x', model=model, default_scope='mmseg'))


def test_a_written_config_depends_on_no_other_file(cfg, tmp_path):
    path = tmp_path / '新 folder' / 'my.py'
    write_config(cfg, path, ['new.py', 'a b', '天'])
    text = path.read_text(encoding='utf-8')
    assert text.startswith("# Made by: new.py 'a b' '天'\n") and '_base_' not in text
    found = Config.fromfile(path)
    assert found.model.to_dict() == cfg.model.to_dict()
    # The order is that of a config, not of the entries.
    assert list(found) == ['default_scope', 'model']


@pytest.mark.parametrize('end', ['\n', '\r', '\r\n'])
def test_an_argument_of_two_lines_stays_in_the_comment(cfg, tmp_path, end):
    """A Mac's icon of a folder has a name that ends in a carriage return."""
    write_config(cfg, tmp_path / 'my.py', ['new.py', f'a{end}model = 1'])
    assert Config.fromfile(tmp_path / 'my.py').model.type == 'A'


@pytest.mark.parametrize(
    ('boxes', 'text', 'last'),
    [
        (False, None, ['demo/image_demo.py', 'a b/天.jpg', 'my c.py', 'FILE']),
        (
            False,
            "it's",
            ['demo/image_demo.py', 'a b/天.jpg', 'my c.py', 'FILE']
            + ['--caption', "it's"],
        ),
        (True, 'x', ['tools/test.py', 'my c.py', 'FILE', '--show-dir', 'painted']),
    ],
)
def test_commands_can_be_pasted_into_a_shell(boxes, text, last):
    config, picture = Path('my c.py'), Path('a b/天.jpg')
    lines = next_commands(config, Length(400, 5), boxes, picture, text)
    train, draw = map(shlex.split, lines)
    assert train == ['python', 'tools/train.py', 'my c.py']
    last[last.index('FILE')] = 'work_dirs/my c/epoch_5.pth'
    assert draw == ['python', *last]
