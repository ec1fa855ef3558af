"""Tests of the sweep; the whole of it is slow."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest

from diffmm.operators import operator_status

# Two of every host that differ in structure.
FEW = [
    'mmseg/sem_fpn/fpn_r50_4xb4-160k_ade20k-512x512.py',
    'mmseg/ocrnet/ocrnet_hr18_4xb2-40k_cityscapes-512x1024.py',
    'mmdet/faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py',
    'mmdet/fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py',
    'mmpose/body_2d_keypoint/topdown_heatmap/coco/'
    'td-hm_hrnet-w32_udp-8xb64-210e_coco-256x192.py',
    'mmpose/body_2d_keypoint/simcc/coco/simcc_res50_8xb64-210e_coco-256x192.py',
]
VPD = 'mmseg/vpd/vpd_sd_4xb8-25k_nyu-512x512.py'
KIND = operator_status().kind
REFUSED = 'mmdet/faster_rcnn/faster-rcnn_r50-caffe-c4_ms-1x_coco.py'


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('analysis_tools/sweep_hosts')


def test_two_configs_of_every_host(tool, tmp_path, capsys):
    results, table = tmp_path / 'new' / 'results.jsonl', tmp_path / 'table.md'
    options = ['--in-process', '--results', str(results), '--table', str(table)]
    options += ['--side', '64']
    tool.main(['--configs', *FEW, *options])
    assert '6 of 6 configs pass' in capsys.readouterr().out
    rows = tool.read_results(results)
    assert list(rows) == FEW
    assert all(row['loss'] > 0 and row['predictions'] == 2 for row in rows.values())
    lines = table.read_text().splitlines()
    assert sum(line.startswith('| ') for line in lines) == 1 + len(FEW)
    fcos = next(line for line in lines if 'fcos_r50' in line)
    assert '`model.neck.start_level: 1 -> 0`' in fcos and '| native |' in fcos
    assert 'backbone' not in fcos, 'what every swap changes is not repeated'


def test_a_failure_is_a_row_that_names_it(tool, tmp_path):
    row = tool.run_config(REFUSED, 'auto', 64)
    assert row['error'].startswith('SwapError: model.roi_head.shared_head has ResLayer')
    table = tool.format_page({KIND: {REFUSED: row}}, 64)
    assert '0 of 1 shipped configs' in table and '| SwapError |' in table
    assert f'- `{REFUSED}`: SwapError: model.roi_head.shared_head' in table


def test_goes_on_where_it_was(tool, tmp_path, monkeypatch):
    results = tmp_path / 'results.jsonl'
    old = dict(config='mmseg/a.py', host='mmseg', operators=KIND, loss=1.0)
    half = '{"config": "mmseg/b'
    results.write_text(json.dumps(old) + '\n' + half)
    assert list(tool.read_results(results)) == ['mmseg/a.py']
    results.write_text(json.dumps(old) + '\n')
    ran = []

    def run(name, strides, side):
        ran.append(name)
        return dict(config=name, host='mmseg', operators=KIND, loss=2.0)

    monkeypatch.setattr(tool, 'run_config', run)
    names = ['mmseg/a.py', 'mmseg/b.py']
    tool.main(['--in-process', '--configs', *names, '--results', str(results)])
    assert ran == ['mmseg/b.py']


def test_a_config_that_kills_the_process_does_not_end_the_sweep(
    tool, tmp_path, monkeypatch
):
    """The child dies at the second of three."""
    child = tmp_path / 'child.py'
    child.write_text(
        'import json, os, sys\n'
        "words = sys.argv; out = words[words.index('--results') + 1]\n"
        "names = words[words.index('--configs') + 1:words.index('--strides')]\n"
        'for name in names:\n'
        "    if 'bad' in name: os.kill(os.getpid(), 9)\n"
        f"    row = dict(config=name, host='mmseg', operators={KIND!r}, loss=1.0)\n"
        "    open(out, 'a').write(json.dumps(row) + chr(10))\n"
    )
    monkeypatch.setattr(tool, '__file__', str(child))
    results = tmp_path / 'results.jsonl'
    names = ['mmseg/a.py', 'mmseg/bad.py', 'mmseg/c.py']
    tool.main(['--configs', *names, '--results', str(results)])
    rows = tool.read_results(results)
    assert [name for name in names if 'error' in rows[name]] == ['mmseg/bad.py']
    assert rows['mmseg/bad.py']['error'].startswith('the process ended with -9')


def test_the_list_is_installed_and_covers_the_hosts(tool):
    entries = tool.read_list(['mmseg', 'mmdet', 'mmpose'])
    names = [entry.name for entry in entries]
    assert len(names) == len(set(names)) >= 40
    sections = Counter(entry.section for entry in entries)
    assert len(sections) == 2 and min(sections.values()) >= 80
    for name in names:
        host, _, path = name.partition('/')
        folder = Path(importlib.util.find_spec(host).origin).parent
        assert (folder / '.mim/configs' / path).is_file(), name
    assert {name.split('/')[0] for name in names} == {'mmseg', 'mmdet', 'mmpose'}
    pose = [entry.name for entry in tool.read_list(['mmpose'])]
    assert pose == [name for name in names if name.startswith('mmpose')]


def test_options_of_the_list(tool):
    assert tool.find_entry('mmdet/dino/dino-4scale_r50_8xb2-12e_coco.py').side == 256
    assert tool.find_entry(FEW[0]).side is None
    assert tool.find_entry('mmseg/not/listed.py') == tool.Entry('mmseg/not/listed.py')
    vpd = tool.find_entry(VPD)
    assert vpd.host_maps == [(320, 8), (640, 16), (1280, 32), (1280, 64)]


def test_a_backbone_that_cannot_be_built_runs_with_its_maps(tool):
    row = tool.run_config(VPD, 'auto', 64)
    assert 'error' not in row and row['predictions'] == 2
    assert 'model.decode_head.in_channels: [320' in ' '.join(row['changes'])


def test_other_operators_get_columns_of_their_own(tool, tmp_path):
    results, table = tmp_path / 'results.jsonl', tmp_path / 'table.md'
    names = ['mmseg/a.py', 'mmseg/b.py', 'mmseg/c.py']
    compiled, replaced = (
        [dict(config=name, host='mmseg', operators=kind, loss=1.0) for name in names]
        for kind in ('compiled', 'replaced')
    )
    compiled[2]['error'] = replaced[2]['error'] = 'SwapError: no'
    replaced[1] = dict(config='mmseg/b.py', host='mmseg', operators='replaced')
    replaced[1]['error'] = 'MissingOperatorError: knn'
    rows = [json.dumps(row) + '\n' for row in compiled + replaced]
    results.write_text(''.join(rows))
    arguments = ['--results', str(results), '--table', str(table)]
    tool.main(['--in-process', '--configs', *names, *arguments])
    page = table.read_text()
    assert '2 of 3 shipped configs' in page
    assert "with mmcv's compiled operators; 1 of 3 with the operators that" in page
    assert (
        'loss, compiled | predicts, compiled | loss, replaced | predicts, replaced'
        in page
    )
    assert '| b.py | mmseg |  |  | 1 | yes |  | MissingOperatorError |' in page
    assert '- `mmseg/b.py`: MissingOperatorError: knn (replaced)\n' in page
    assert '- `mmseg/c.py`: SwapError: no\n' in page


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_nearly_all_configs_pass(tool, tmp_path):
    args = tool.parse_args(['--results', str(tmp_path / 'results.jsonl')])
    rows = tool.sweep(args).values()
    failed = [row for row in rows if 'error' in row]
    assert len(failed) <= 0.05 * len(rows), [row['error'] for row in failed]
