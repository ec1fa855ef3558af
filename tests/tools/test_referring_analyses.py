"""Commands that examine referring perceptors: codecs, expressions, corrections."""

from __future__ import annotations

import json

import pytest

from diffmm.mini_world import generate
from tests import tiny
from tests.untrained import write_untrained

MINI = 'configs/addp/instruct-pix2pix_mini_ris_1xb16-500_mini-refcoco-128x128.py'
CONFIG = """
_base_ = {base!r}
model = dict(arch=dict(_delete_=True, **{arch!r}), pretrained=None,
    sampler=dict(steps=1))
test_dataloader = dict(dataset=dict(data_root={data!r}, indices=None))
"""


@pytest.fixture(scope='module')
def trained(tmp_path_factory, repo_root):
    """Config and checkpoint of a perceptor that was not trained."""
    folder = tmp_path_factory.mktemp('trained')
    generate(folder / 'data', 'refcoco', num_train=1, num_val=3, size=64)
    text = CONFIG.format(
        base=str(repo_root / MINI), arch=tiny.ARCHITECTURE, data=str(folder / 'data')
    )
    return write_untrained(folder, text)


@pytest.fixture(autouse=True)
def siblings(monkeypatch, repo_root):
    """A tool finds what stands beside it, as a script does."""
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'analysis_tools'))


def test_expressions_of_both_objects(load_tool, trained, capsys):
    tool = load_tool('analysis_tools/referring_expressions')
    tool.main([*trained, '--count', '8'])
    lines = capsys.readouterr().out.splitlines()
    table = [line.split() for line in lines if line.split()]
    assert "under another's" in ' '.join(table[0])
    everything = next(row for row in table if row[0] == 'all')
    kinds = {row[0]: int(row[1]) for row in table[1:] if row[1].isdigit()}
    assert kinds.pop('all') == 8 == sum(kinds.values())
    assert set(kinds) <= {'class', 'attribute', 'position', 'relation'}
    assert all(0 <= float(value) <= 100 for value in everything[2:])


def test_corrections(load_tool, trained, tmp_path, capsys, monkeypatch):
    tool = load_tool('analysis_tools/correctional_guidance')
    out = tmp_path / 'out'
    argv = [*trained, '--count', '6', '--strengths', '1', '--out-dir', str(out)]
    tool.main(argv)
    printed = capsys.readouterr().out
    assert '6 sentences' in printed and 'correction 1, by chance' in printed
    answers = json.loads((out / 'answers.json').read_text())
    assert len(answers) == 6
    assert all(each['correction'] != each['text'] for each in answers)
    # Mended and broken: every answer is the truth, or the opposite of it.
    study = tool.Study(tool.parse_args(argv))
    truths = [tool.truth(question.item) for question in study.questions]
    study.first = [mask if i < 2 else ~mask for i, mask in enumerate(truths)]
    study.right = [i < 2 for i in range(6)]
    after = [~truths[0], *truths[1:4], *(~mask for mask in truths[4:])]
    row = study.row('x', after)
    assert row[3:] == ['50.0', '50.0']
    cases = study.cases(1.0, ['the sky'] * 6, after)
    assert study.draw(cases).shape[1] == 4 * 64
    painted = study.painted(study.questions[0].others[-1][0], study.questions[0])
    assert painted == study.questions[0].others[-1][1]


def test_codecs_without_the_vae(load_tool, trained, monkeypatch):
    """Where everything is kept, only the rule by color errs."""
    tool = load_tool('analysis_tools/mask_codecs')
    monkeypatch.setattr(tool, 'keep', lambda model, pictures: pictures)
    rows = tool.measure(tool.parse_args([trained[0], '--count', '5']))
    scores = {name: float(value) for name, value, _ in rows}
    by_color = [name for name in scores if 'color alone' in name]
    assert len(by_color) == 2 and len(scores) == 7
    assert min(v for n, v in scores.items() if n not in by_color) > 95
    assert max(scores[name] for name in by_color) < 95


def test_models_of_another_kind(load_tool, repo_root):
    config = str(
        repo_root / 'configs/vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'
    )
    tool = load_tool('analysis_tools/referring_expressions')
    with pytest.raises(SystemExit, match='no checkpoint at gone.pth'):
        tool.main([config, 'gone.pth'])


def test_the_cost_of_guidance(load_tool, trained, capsys):
    tool = load_tool('analysis_tools/benchmark_guidance')
    tool.main([trained[0], '--size', '64', '--repeats', '2'])
    printed = capsys.readouterr().out
    rows = [line.split()[-1] for line in printed.splitlines() if ' branches ' in line]
    assert len(rows) == 2 and all(float(ratio) > 1 for ratio in rows)
