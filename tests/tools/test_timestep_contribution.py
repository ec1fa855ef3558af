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
def test_weights_curves_and_pictures(load_tool, trained, tmp_path, capsys):
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
    # The model's own sampler, some of its steps, beside the first.
    pictures = [tmp_path / 'curve.png', tmp_path / 'weights.png']
    options = ['--steps', '4', '--columns', '1', '4', '--beside', str(one)]
    options += ['--picture', str(pictures[0]), '--weights-picture', str(pictures[1])]
    tool.main([*trained, *options, '--floor', '0.5', '--out', str(other)])
    found = json.loads(other.read_text())
    assert found['timesteps'] == [999, 249] and min(found['weights']) >= 0.5 / 1000
    assert all(cv2.imread(str(path)) is not None for path in pictures)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--samples', '19', '--timesteps', '999', '5'], '19 samples .* at least 20'),
        (['--timesteps', '5', '999'], 'must fall'),
        (['--beside', 'none.json'], 'none.json is no file of this tool'),
    ],
    ids=str,
)
def test_what_cannot_be_measured_is_one_line(load_tool, trained, options, message):
    tool = load_tool('analysis_tools/timestep_contribution')
    with pytest.raises(SystemExit, match=f'error: .*{message}'):
        tool.main([*trained, *options])


def test_columns_need_steps(load_tool, trained, capsys):
    tool = load_tool('analysis_tools/timestep_contribution')
    with pytest.raises(SystemExit):
        tool.main([*trained, '--columns', '1', '2'])
    assert '--columns are numbers of --steps' in capsys.readouterr().err
