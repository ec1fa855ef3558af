from __future__ import annotations

import json

import pytest

from diffmm.diffusion import load_architecture
from tests.tools.tiny_generators import ARCHITECTURE, write_pipeline

NAME = 'analysis_tools/attention_auc'


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool(NAME)
    monkeypatch.setattr(
        module, 'load_architecture', lambda _: load_architecture(ARCHITECTURE)
    )
    return module


def test_table_and_json(tool, tmp_path, capsys):
    folder = write_pipeline(tmp_path / 'model')
    out = tmp_path / 'results' / 'auc.json'
    argv = ['--pretrained', str(folder), '--scenes', '3', '--size', '64']
    argv += ['--min-pixels', '20', '--out', str(out)]
    tool.main(argv)
    table = capsys.readouterr().out
    assert 'class names, random, own noun' in table and '\nobjects' in table
    content = json.loads(out.read_text())
    assert content['settings']['scenes'] == 3
    for context in ('captions', 'class names'):
        entry = content['results'][context]['pre-trained']['all nouns']
        # Ground and sky or wall of three scenes at least.
        assert entry['count'] >= 6
        # Random weights: near chance.
        assert 0.2 < entry['own noun'] < 0.8
    first = out.read_bytes()
    tool.main(argv)
    assert out.read_bytes() == first


def test_summary_averages_by_group(tool):
    scores = [('tree', 0.9, 0.4), ('car', 0.7, None), ('sky', 0.5, 0.6)]
    summary = tool.summarize(scores)
    assert summary['objects'] == {
        'own noun': pytest.approx(0.8),
        'another noun': pytest.approx(0.4),
        'count': 2,
    }
    assert summary['stuff']['own noun'] == 0.5
    assert summary['car']['another noun'] is None
    assert 'boat' not in summary


def test_bad_input(tool):
    with pytest.raises(SystemExit, match='no/such/folder'):
        tool.main(['--pretrained', 'no/such/folder'])
