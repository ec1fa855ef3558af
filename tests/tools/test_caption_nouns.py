from __future__ import annotations

import json

import pytest

from diffmm.mini_world import SceneSampler, write_plain_caption

NAME = 'analysis_tools/caption_nouns'


@pytest.fixture
def tool(load_tool, monkeypatch):
    """By day the captioner is right; at night it sees one car everywhere."""
    module = load_tool(NAME)

    class Fake:
        def __init__(self, *_):
            self.calls = 0

        def __call__(self, pictures):
            self.calls += 1
            if self.calls > 1:
                return ['a car'] * len(pictures)
            scenes = (SceneSampler(9).sample('val', i) for i in range(len(pictures)))
            return [write_plain_caption(scene) for scene in scenes]

    monkeypatch.setattr(module, 'Captioner', Fake)
    return module


def test_table_and_json(tool, tmp_path, capsys):
    out = tmp_path / 'new' / 'nouns.json'
    argv = ['--scenes', '12', '--seed', '9', '--styles', 'day', 'night']
    tool.main([*argv, '--size', '64', '--out', str(out)])
    table = capsys.readouterr().out
    assert 'day' in table and 'blind, 5 nouns' in table
    content = json.loads(out.read_text())
    results = content['results']
    assert set(results['day'].values()) == {1.0}
    scenes = [SceneSampler(9).sample('val', index) for index in range(12)]
    present = [{item.name for item in scene.objects} for scene in scenes]
    cars = sum('car' in nouns for nouns in present)
    total = sum(map(len, present))
    assert results['night']['precision'] == pytest.approx(cars / 12)
    assert results['night']['recall'] == pytest.approx(cars / total)
    assert results['blind, 2 nouns']['recall'] < results['blind, 5 nouns']['recall']
    assert len(content['captions']['night']) == 12


def test_bad_input(load_tool):
    tool = load_tool(NAME)
    with pytest.raises(SystemExit, match="'no/model' cannot be loaded"):
        tool.main(['--model', 'no/model'])
