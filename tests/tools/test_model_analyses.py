"""Commands that examine trained models: off-target classes, regressions, pictures."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from diffmm.mini_world import generate
from tests.tools.trained_segmentor import write_captions, write_segmentor

VOC = 'configs/tadp/tadp_mini_fpn_1xb8-2e_mini-voc12-128x128'
ROOT_OF_DATA = 'test_dataloader.dataset.data_root'
NAMES = ['background', 'boat', 'bottle', 'car', 'chair', 'person', 'flower']


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp('data') / 'voc'
    generate(folder, 'voc', 1, 4, size=64)
    return folder


@pytest.fixture(scope='module')
def models(tmp_path_factory, data, repo_root):
    """An oracle, and two models prompted with captions."""
    folder = tmp_path_factory.mktemp('models')
    write_captions(folder, data)
    oracle = write_segmentor(folder, repo_root / f'{VOC}_oracle.py', data, 0)
    one, other = (
        write_segmentor(folder, repo_root / f'{VOC}.py', data, seed) for seed in (1, 2)
    )
    return dict(oracle=oracle, one=one, other=other)


@pytest.mark.slow
def test_scores_with_names_of_absent_classes(load_tool, models, tmp_path, capsys):
    tool = load_tool('analysis_tools/off_target_classes')
    out = tmp_path / 'out'
    argv = [*models['oracle'], '--names', *NAMES, '--out-dir', str(out)]
    tool.main([*argv, '--images', '3'])
    assert 'all classes: mean score of the true class' in capsys.readouterr().out
    content = json.loads((out / 'matrices.json').read_text())
    assert content['classes'] == NAMES
    present, everything = (
        np.array(content[text]) for text in ('present classes', 'all classes')
    )
    # Classes without pixels: JSON has null, the table leaves them out.
    present, everything = present.astype(float), everything.astype(float)
    matrices = {'present classes': present, 'all classes': everything}
    gains = tool.largest_gains(matrices, NAMES)
    assert not any('nan' in row for row in gains)
    rows = ~np.isnan(present).any(axis=1)
    assert rows.any()
    np.testing.assert_allclose(present[rows].sum(axis=1), 1, rtol=1e-5)
    assert abs(present[rows] - everything[rows]).max() > 1e-8
    assert cv2.imread(str(out / 'matrices.png')) is not None
    for arguments, message in (
        (models['one'], "no oracle: its texts are 'caption'"),
        ([*models['oracle'], '--names', 'a'], '--names has 1 names for 7 classes'),
        ([*models['oracle'], '--names', *'abcdef', 'a'], "--names repeats.*'a'"),
        (
            [*models['oracle'], '--cfg-options', f'{ROOT_OF_DATA}=/nope'],
            "data_root='/nope' does not exist; docs/datasets.md says",
        ),
    ):
        with pytest.raises(SystemExit, match=message):
            tool.main(arguments)


def test_regressions(load_tool, models):
    tool = load_tool('analysis_tools/caption_regressions')
    argv = [*models['one'], '--names', *NAMES, '--by', 'name']
    recalls, sizes = tool.measure(tool.parse_args(argv))
    # Pictures of nothing but background count in neither.
    assert 0 < len(recalls) <= 4 and len(sizes) >= len(recalls)
    assert max(x for x, _ in sizes) < 0.5
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in recalls + sizes)


def test_a_line_that_cannot_be_drawn_costs_no_other(
    load_tool, monkeypatch, tmp_path, capsys
):
    tool = load_tool('analysis_tools/caption_regressions')
    recalls = [(1.0, 0.2), (1.0, 0.4), (1.0, 0.3)]
    sizes = [(0.1, 0.2), (0.2, 0.4), (0.3, 0.5)]
    monkeypatch.setattr(tool, 'measure', lambda args: (recalls, sizes))
    message = r'recall: .* got 3 points with x in \[1.0\] .* --by name'
    with pytest.raises(SystemExit, match=message):
        tool.main(['config.py', 'weights.pth', '--out-dir', str(tmp_path)])
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.split() == ['size', '0.982', '1.500', '1.2e-01', '3']
    assert cv2.imread(str(tmp_path / 'size.png')) is not None
    assert not (tmp_path / 'recall.png').exists()


@pytest.mark.slow
def test_side_by_side(load_tool, models, tmp_path, capsys):
    tool = load_tool('analysis_tools/compare_models')
    out = tmp_path / 'new' / 'grid.png'
    argv = []
    for name in ('one', 'other'):
        argv += ['--model', f'{name}={",".join(models[name])}']
    tool.main([*argv, '--images', '0', '3', '--out-file', str(out)])
    grid = cv2.imread(str(out))
    # Picture, annotation and two predictions; two rows.
    assert grid.shape[1] == 4 * 128 and grid.shape[0] > 2 * 128
    args = tool.parse_args([*argv, '--best', '1', '--among', '2'])
    loaded = tool.load_models(args)
    gains = [tool.gain(loaded, index) for index in range(2)]
    assert tool.choose(args, loaded) == [int(np.argmax(gains))]
    args = tool.parse_args([*argv, '--worst', '1', '--among', '2'])
    assert tool.choose(args, loaded) == [int(np.argmin(gains))]
    for options, message in (
        ([*argv, '--images', '9'], r'images 0 to 3, got \[9\]'),
        (['--model', 'a.py'], "NAME=CONFIG,CHECKPOINT, got 'a.py'"),
    ):
        with pytest.raises(SystemExit, match=message):
            tool.main(options)
