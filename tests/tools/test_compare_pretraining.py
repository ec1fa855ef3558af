from __future__ import annotations

import json

import pytest
from mmengine.config import Config

from diffmm.studies import StudyRun
from tests import tiny

NAME = 'analysis_tools/compare_pretraining'
# mIoU by arm and rate; a seed adds itself.
LEARNED = {
    ('pre-trained', 1e-4): 30,
    ('pre-trained', 1e-3): 20,
    ('random', 1e-4): 5,
    ('random', 1e-3): 10,
}


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool(NAME)
    monkeypatch.setattr(module, 'draw_data', lambda *args, **kwargs: 0)
    monkeypatch.setattr(StudyRun, 'complete', complete)
    return module


def complete(run, environment):
    """Note a result without a training."""
    arm, rate, seed = run.name.split('_')
    result = dict(mIoU=LEARNED[arm, float(rate[2:])] + int(seed[4:]))
    (run.folder / 'result.json').write_text(json.dumps(result))
    return result


@pytest.fixture
def argv(tmp_path):
    weights = tiny.write_folder(tmp_path / 'weights')
    options = ['--pretrained', str(weights), '--work-dir', str(tmp_path / 'work')]
    options += ['--data', str(tmp_path / 'data'), '--unet-lrs', '1e-4', '1e-3']
    options += ['--iters', '300', '--processes', '2']
    return [*options, '--seeds', '0', '1', '2']


def test_each_arm_gets_its_best_rate(tool, argv, tmp_path, capsys):
    tool.main(argv)
    summary = json.loads((tmp_path / 'work' / 'summary.json').read_text())
    assert summary['gain'] == 20 and summary['spread'] == 1
    assert summary['best']['random']['unet_lr'] == 1e-3
    table = (tmp_path / 'work' / 'table.txt').read_text()
    assert table in capsys.readouterr().out
    (row,) = [
        line for line in table.splitlines() if line.startswith('pre-trained   0.0001')
    ]
    assert row.split()[2:] == ['30.00', '31.00', '32.00', '31.00', '1.00']


def test_arms_differ_in_the_unet_alone(tool, argv, tmp_path):
    tool.main(argv)
    work = tmp_path / 'work'
    configs = {
        arm: Config.fromfile(work / f'{arm}_lr0.0001_seed2' / 'configs/run.py')
        for arm in ('pre-trained', 'random')
    }
    folders = {arm: cfg.model.backbone.pretrained for arm, cfg in configs.items()}
    assert folders['pre-trained'] == str(tmp_path / 'weights')
    assert folders['random'] == str(work / 'random')
    for cfg in configs.values():
        cfg.model.backbone.pretrained = None
    assert configs['pre-trained']._to_lazy_dict() == configs['random']._to_lazy_dict()
    cfg = configs['random']
    assert cfg.randomness.seed == 2 and cfg.model.backbone.latent_scale == 0.18215
    rate = cfg.optim_wrapper.optimizer.lr
    keys = cfg.optim_wrapper.paramwise_cfg.custom_keys
    assert rate * keys['backbone.unet'].lr_mult == pytest.approx(1e-4)


def test_other_settings_need_another_folder(tool, argv):
    tool.main(argv)
    with pytest.raises(SystemExit, match='run of other settings'):
        tool.main([*argv, '--batch-size', '4'])


def test_missing_weights_are_one_clear_error(tool, monkeypatch, tmp_path):
    folder = 'diffmm.diffusion.weights.folder_source._SHIPPED_FOLDER'
    monkeypatch.setattr(folder, tmp_path)
    with pytest.raises(SystemExit, match="pretrained='mini' names weights"):
        tool.main(['--work-dir', str(tmp_path / 'work')])
