"""The command that measures what timesteps contribute."""

from __future__ import annotations

import json

import cv2
import pytest

from diffmm.mini_world import generate
from tests import tiny
from tests.untrained import write_untrained

CONFIG = """
_base_ = {base!r}
model = dict(
    arch=dict(_delete_=True, **{arch!r}), pretrained=None)
hypersim_val = _base_.hypersim_val
hypersim_val.data_root = {data!r}
hypersim_val.indices = None
val_dataloader = dict(
    num_workers=0, persistent_workers=False, dataset=dict(datasets=[hypersim_val]))
"""
MARIGOLD = 'configs/addp/marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2.py'


@pytest.fixture(scope='module')
def trained(tmp_path_factory, repo_root):
    folder = tmp_path_factory.mktemp('trained')
    generate(folder / 'data', 'hypersim', 1, 20, size=64)
    text = CONFIG.format(
        base=str(repo_root / MARIGOLD),
        arch=tiny.ARCHITECTURE,
        data=str(folder / 'data'),
    )
    return [*write_untrained(folder, text), '--metric', 'abs_rel']


@pytest.mark.slow
def test_weights_curves_and_pictures(load_tool, trained, tmp_path, capsys, monkeypatch):
    tool = load_tool('analysis_tools/timestep_contribution')
    one, other = tmp_path / 'one.json', tmp_path / 'other.json'
    tool.main([*trained, '--timesteps', '999', '600', '--out', str(one)])
    printed = capsys.readouterr().out
    assert 'contribution' in printed and 'perception statistics' in printed
    found = json.loads(one.read_text())
    assert found['timesteps'] == [999, 600] and found['samples'] == 20
    assert sum(found['weights']) == pytest.approx(1) and len(found['weights']) == 1000
    assert sum(found['contributions']) == pytest.approx(1)
    assert found['weights'][999] == pytest.approx(found['contributions'][0] / 399)
    draw, drawn = tool.draw_metric_curves, []

    def record(curves, metric):
        drawn.append(list(curves))
        return draw(curves, metric)

    monkeypatch.setattr(tool, 'draw_metric_curves', record)
    # The model's own sampler, some of its steps, beside the first.
    pictures = [tmp_path / 'curve.png', tmp_path / 'weights.png']
    options = ['--steps', '4', '--columns', '1', '4', '--beside', str(one)]
    options += ['--picture', str(pictures[0]), '--weights-picture', str(pictures[1])]
    tool.main([*trained, *options, '--floor', '0.5', '--out', str(other)])
    found = json.loads(other.read_text())
    assert found['timesteps'] == [999, 249] and min(found['weights']) >= 0.5 / 1000
    assert all(cv2.imread(str(path)) is not None for path in pictures)
    # The same checkpoint at other steps is a curve of its own.
    assert drawn == [[found['name'], f'{found["name"]} (2)']]


def write_other(folder, **content):
    path = folder / 'other.json'
    entries = dict(name='a/b', metric='abs_rel', timesteps=[9, 5], means=[1, 2])
    path.write_text(json.dumps(entries | content))
    return ['--beside', str(path)]


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--samples', '19', '--timesteps', '999', '5'], '19 samples .* at least 20'),
        (['--steps', '3'], '20 samples are too few.* at least 30, 10 for each'),
        (['--timesteps', '5', '999'], 'must fall'),
        (['--beside', 'none.json'], 'none.json is no file of this tool'),
        (['--floor', '2'], r'floor must lie in \[0, 1\], got 2'),
        (['--picture', 'a.foo'], 'cannot write a.foo: name it .png or .jpg'),
        (['--out', '/proc/none/a.json'], "No such file or directory: '/proc/none'"),
    ],
    ids=str,
)
def test_what_cannot_be_measured_is_one_line(load_tool, trained, options, message):
    tool = load_tool('analysis_tools/timestep_contribution')
    with pytest.raises(SystemExit, match=f'error: .*{message}'):
        tool.main([*trained, *options])


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (dict(metric='d1'), "has the metric 'd1', .* beside 'abs_rel'"),
        (dict(means=[1]), 'other.json is no file of this tool'),
        (dict(timesteps='ab', means=5), 'other.json is no file of this tool'),
    ],
    ids=str,
)
def test_files_of_other_curves(load_tool, trained, tmp_path, content, message):
    tool = load_tool('analysis_tools/timestep_contribution')
    with pytest.raises(SystemExit, match=message):
        tool.main([*trained, *write_other(tmp_path, **content)])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--columns', '1', '2'], '--columns are numbers of --steps'),
        (['--steps', '4', '--columns', '2', '9'], 'from 1 to --steps 4, got 2 9'),
        (['--timesteps', '999'], 'give at least two to measure'),
        (['--steps', '4', '--columns', '3'], 'give at least two to measure'),
    ],
    ids=str,
)
def test_options_that_name_no_steps(load_tool, trained, capsys, options, message):
    tool = load_tool('analysis_tools/timestep_contribution')
    with pytest.raises(SystemExit):
        tool.main([*trained, *options])
    assert message in capsys.readouterr().err
