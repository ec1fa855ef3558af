from __future__ import annotations

import json

import pytest

from diffmm.studies import StudyRun, draw_data

RMSE = {'pre-trained': 0.5, 'random': 0.8}


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool('analysis_tools/compare_depth')
    monkeypatch.setattr(module, 'draw_data', lambda *args, **kwargs: 0)
    monkeypatch.setattr(module, 'measure_rows', lambda data: 1.0)
    monkeypatch.setattr(StudyRun, 'complete', complete)
    return module


def complete(run, environment):
    """Note a result without a training."""
    arm, seed = run.name.split('_seed')
    result = dict(rmse=RMSE[arm] + 0.01 * int(seed))
    (run.folder / 'result.json').write_text(json.dumps(result))
    return result


def test_arms_are_compared_with_each_other_and_with_rows(tool, tmp_path, capsys):
    tool.main(['--work-dir', str(tmp_path), '--data', str(tmp_path / 'data')])
    text = (tmp_path / 'table.txt').read_text()
    assert text in capsys.readouterr().out
    assert 'pre-trained  0.500   0.510   0.520   0.510  0.010' in text
    assert 'rows alone: 1.000; pre-trained is 49.0% below it, and 37.0% below' in text
    summary = json.loads((tmp_path / 'summary.json').read_text())
    assert summary['random']['mean'] == pytest.approx(0.81)


def test_rows_are_measured_with_the_metric_of_the_config(load_tool, tmp_path):
    tool = load_tool('analysis_tools/compare_depth')
    draw_data(tmp_path / 'data', 'nyu', num_train=4, num_val=2, size=64)
    assert 0 < tool.measure_rows(tmp_path / 'data') < 10
