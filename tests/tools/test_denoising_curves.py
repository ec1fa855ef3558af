"""The command that draws a metric over the steps of denoising."""

from __future__ import annotations

import json

import cv2
import pytest

from tests.tools.untrained_referring import write_untrained_referring

LOADER = """
val_dataloader = dict(num_workers=0, persistent_workers=False, batch_size=2,
    dataset=dict(data_root={data!r}, indices=None))
"""


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    return ','.join(write_untrained_referring(folder, LOADER))


@pytest.fixture
def tool(load_tool, monkeypatch, repo_root):
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'analysis_tools'))
    return load_tool('analysis_tools/denoising_curves')


def test_a_curve_for_each_model(tool, trained, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'figure' / 'curves.png'
    models = ['--model', f'plain={trained}', '--model', f'better={trained}']
    options = ['--metric', 'network/mIoU', '--steps', '4', '--samples', '3']
    argv = [*models, *options, '--columns', '1', '4', '--out', str(out)]
    run, asked = tool.measure_quality, []

    def record(args, *files):
        asked.append(files)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return run(args, *files)

    monkeypatch.setattr(tool, 'measure_quality', record)
    with pytest.raises(KeyboardInterrupt):
        tool.main(argv)
    tool.main(argv)  # continues with the second model
    assert len(asked) == 3
    printed = capsys.readouterr().out
    assert 'mean network/mIoU of 3 samples' in printed
    rows = [line.split() for line in printed.splitlines()[-5:]]
    assert rows[0] == ['timestep', 'plain', 'better']
    assert [row[0] for row in rows[2:4]] == ['751', '1'] and rows[2][1] == rows[2][2]
    curves = json.loads(out.with_suffix('.json').read_text())['curves']
    assert list(curves) == ['plain', 'better'] and curves['plain'] == curves['better']
    assert curves['plain']['timesteps'] == [751, 1]
    assert all(0 <= mean <= 100 for mean in curves['plain']['means'])
    assert cv2.imread(str(out)).shape == (400, 600, 3)


def test_a_model_without_a_name(tool, tmp_path):
    argv = ['--model', 'plain', '--metric', 'x', '--out', str(tmp_path / 'a.png')]
    with pytest.raises(SystemExit, match="NAME=CONFIG,CHECKPOINT, got 'plain'"):
        tool.main(argv)


def test_a_picture_of_no_kind_is_refused_before_measuring(tool, trained, tmp_path):
    argv = [
        '--model',
        f'a={trained}',
        '--metric',
        'x',
        '--out',
        str(tmp_path / 'a.foo'),
    ]
    with pytest.raises(SystemExit, match='cannot write .*a.foo: name it .png'):
        tool.main(argv)
