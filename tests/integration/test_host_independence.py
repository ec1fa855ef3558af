"""A config needs its own host library, and what that needs, but no other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.experiment import DETECTION, ENVIRONMENT, MINI, POSE, ROOT

# `tools/train.py` once for every list of arguments, as if some packages were not
# installed. Importing the others takes longer than all the rest.
SCRIPT = """
import json, runpy, sys

class Absent:
    hosts = sys.argv[1].split(',')

    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in self.hosts:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)

sys.meta_path.insert(0, Absent())
for arguments in json.loads(sys.argv[2]):
    sys.argv = ['tools/train.py', *arguments]
    status = 0
    try:
        runpy.run_path('tools/train.py', run_name='__main__')
    except SystemExit as end:
        # What Python does with it.
        status = end.code or 0
        if isinstance(status, str):
            print(status, file=sys.stderr)
            status = 1
    assert not set(Absent.hosts) & set(sys.modules)
    for stream in (sys.stdout, sys.stderr):
        print(f'ended with {status}', file=stream, flush=True)
"""
# mmpose 1.3.2 imports mmdetection itself.
NEEDS = {'mmseg': {'mmseg'}, 'mmdet': {'mmdet'}, 'mmpose': {'mmpose', 'mmdet'}}
HOSTS = {'mmseg': MINI, 'mmdet': DETECTION, 'mmpose': POSE}
EXTRAS = {'mmseg': 'seg', 'mmdet': 'det', 'mmpose': 'pose'}


def train(absent: list[str], *runs: list[str]) -> list[tuple[str, str]]:
    """Output, reported errors and status of every run."""
    done = subprocess.run(
        [sys.executable, '-c', SCRIPT, ','.join(absent), json.dumps(runs)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    parts = [
        re.findall(r'(.*?^ended with \w+)\n', stream, re.DOTALL | re.MULTILINE)
        for stream in (done.stdout, done.stderr)
    ]
    return list(zip(*parts, strict=True))


def two_iterations(host: str, data: Path, work_dir: Path) -> list[str]:
    """Arguments of a training of two iterations."""
    length = 'max_iters=2' if host == 'mmseg' else 'max_epochs=1'
    return [
        str(HOSTS[host]),
        *('--work-dir', str(work_dir), '--cfg-options'),
        f'train_dataloader.dataset.data_root={data}',
        'train_dataloader.dataset.indices=4',
        'train_dataloader.batch_size=2',
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'model.backbone.pretrained=None',
        f'train_cfg.{length}',
        'default_hooks.logger.interval=1',
        *('val_dataloader=None', 'val_cfg=None', 'val_evaluator=None'),
        'custom_hooks=[]',
    ]


def assert_missing_is_named(host: str, absent: str, errors: str) -> None:
    *_, line, end = errors.strip().splitlines()
    assert end == 'ended with 2'
    assert line.startswith(f'error: {HOSTS[host]} needs {host}, which cannot be')
    assert f"No module named '{absent}" in line
    assert f'pip install "diffmm[{EXTRAS[host]}]"' in line


@pytest.mark.parametrize('host', HOSTS)
def test_two_iterations_without_the_other_hosts(host, tmp_path, mini_data, mini_coco):
    """Those of the other hosts are told what is missing."""
    data = mini_data if host == 'mmseg' else mini_coco
    absent = sorted(set(HOSTS) - NEEDS[host])
    (printed, errors), *failed = train(
        absent,
        two_iterations(host, data, tmp_path / 'work'),
        *([str(HOSTS[name]), '--work-dir', f'{tmp_path}/none'] for name in absent),
    )
    assert printed.endswith('ended with 0'), errors[-3000:]
    assert '[2/2]' in printed + errors
    assert len(list((tmp_path / 'work').glob('*.pth'))) == 1
    for name, (_, errors) in zip(absent, failed, strict=True):
        assert_missing_is_named(name, name, errors)
    assert [path.name for path in tmp_path.iterdir()] == ['work']


def test_a_host_that_another_one_needs_is_named(tmp_path):
    ((_, errors),) = train(['mmdet'], [str(POSE), '--work-dir', f'{tmp_path}/none'])
    assert_missing_is_named('mmpose', 'mmdet', errors)
    assert not list(tmp_path.iterdir())
