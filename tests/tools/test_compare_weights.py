from __future__ import annotations

import json

import pytest

from diffmm.studies import StudyRun

CONFIG = 'configs/vpd/vpd_mini_depth_1xb8-2e_mini-nyu-96x96.py'


@pytest.fixture
def tool(load_tool, monkeypatch):
    monkeypatch.setattr(StudyRun, 'complete', complete)
    return load_tool('analysis_tools/compare_weights')


def complete(run, environment):
    """Note a result without a training."""
    arm, seed = run.name.split('_seed')
    result = dict(rmse=(1 if arm == 'random' else 0.5) + int(seed) / 10)
    (run.folder / 'result.json').write_text(json.dumps(result))
    return result


def test_a_row_for_each_arm(tool, repo_root, tmp_path, capsys):
    config = repo_root / CONFIG
    tool.main([str(config), 'rmse', '--work-dir', str(tmp_path)])
    work_dir = tmp_path / config.stem
    text = (work_dir / 'table.txt').read_text()
    assert text in capsys.readouterr().out
    assert 'pre-trained  0.500   0.600   0.700   0.600  0.100' in text
    summary = json.loads((work_dir / 'summary.json').read_text())
    assert summary['random']['mean'] == pytest.approx(1.1)


def test_a_missing_config_is_one_line(tool):
    with pytest.raises(SystemExit, match='no-such.py'):
        tool.main(['no-such.py', 'rmse'])
