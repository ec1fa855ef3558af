"""Tests of the report of GPUs, on a CPU with the minis."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(out, **variables):
    settings = dict(DEVICE='cpu', PYTHON=sys.executable, ROUNDS='1', BATCH='1')
    return subprocess.run(
        ['bash', 'tools/analysis_tools/gpu_report.sh', str(out)],
        cwd=ROOT,
        env=os.environ | dict(PYTHONPATH=str(ROOT)) | settings | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_part_that_fails_does_not_lose_the_others(tmp_path):
    done = run(tmp_path, PARTS='vpd perceptor', SIZE='128', BATCH='4', LIMIT='600')
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / 'report.json').read_text())
    assert report['failed'] == []
    names = [part['model'] for part in report['parts']]
    assert names == ['VPD', 'Marigold, 1 step']
    for part in report['parts']:
        rows = {(row['pass'], row['variant']): row for row in part['rows']}
        assert list(rows) == [
            ('training', 'plain'),
            ('inference', 'plain'),
            ('training', 'checkpointing'),
        ]
        plain, saved = rows['training', 'plain'], rows['training', 'checkpointing']
        assert plain['peak_bytes'] > saved['peak_bytes'] > 0
        assert all(row['flops'] > 0 for row in rows.values())
        assert all(row['images_per_second'] > 0 for row in rows.values())
    table = (tmp_path / 'report.md').read_text()
    assert table.count('\n| ') == 2 + 6 and 'images/s' in table

    # An interpreter that fails at the perceptor, and has measured VPD before.
    broken = tmp_path / 'python'
    broken.write_text(
        '#!/bin/bash\n'
        f'case "$*" in *--join*) exec {sys.executable} "$@" ;; esac\n'
        'case "$*" in *perceptor*|*Marigold*) echo no memory >&2; exit 3 ;; esac\n'
        'while [ "$1" != --out ]; do shift; done\n'
        f'cp {tmp_path}/parts/kept.json "$2"\n'
    )
    broken.chmod(0o755)
    (tmp_path / 'parts' / 'vpd.json').rename(tmp_path / 'parts' / 'kept.json')
    done = run(tmp_path, PARTS='vpd perceptor', PYTHON=str(broken))
    assert done.returncode == 1
    assert 'perceptor: failed, no memory' in done.stderr
    assert '1 of 2 parts failed' in done.stderr
    report = json.loads((tmp_path / 'report.json').read_text())
    assert report['failed'] == ['perceptor'] and len(report['parts']) == 1
    table = (tmp_path / 'report.md').read_text()
    assert 'Failed: perceptor.' in table and '| VPD ' in table


@pytest.mark.parametrize('content', ['{"model":', '[]', '{"rows": []}'])
def test_a_part_that_is_no_measurement_is_named(load_tool, tmp_path, content):
    throughput = load_tool('analysis_tools/throughput')
    part = tmp_path / 'vpd.json'
    part.write_text(content)
    with pytest.raises(ValueError, match=r'vpd\.json is no measurement of this tool'):
        throughput.join([part], tmp_path / 'report.json')
    assert not (tmp_path / 'report.json').exists()
