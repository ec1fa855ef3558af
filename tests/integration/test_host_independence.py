"""A config needs its own host library, and what that needs, but no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.experiment import DETECTION, ENVIRONMENT, MINI, POSE, ROOT

# `tools/train.py`, as if some packages were not installed.
SCRIPT = """
import runpy, sys

class Absent:
    hosts = sys.argv.pop(1).split(',')

    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in self.hosts:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)

sys.meta_path.insert(0, Absent())
sys.argv[0] = 'tools/train.py'
runpy.run_path('tools/train.py', run_name='__main__')
assert not set(Absent.hosts) & set(sys.modules)
print('trained without', *Absent.hosts)
"""
# mmpose 1.3.2 imports mmdetection itself.
NEEDS = {'mmseg': {'mmseg'}, 'mmdet': {'mmdet'}, 'mmpose': {'mmpose', 'mmdet'}}
HOSTS = {'mmseg': MINI, 'mmdet': DETECTION, 'mmpose': POSE}
EXTRAS = {'mmseg': 'seg', 'mmdet': 'det', 'mmpose': 'pose'}


def train(absent: list[str], config: Path, *options: str):
    return subprocess.run(
        [sys.executable, '-c', SCRIPT, ','.join(absent), str(config), *options],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize('host', HOSTS)
def test_two_iterations_without_the_other_hosts(host, tmp_path, mini_data, mini_coco):
    data = mini_data if host == 'mmseg' else mini_coco
    length = 'max_iters=2' if host == 'mmseg' else 'max_epochs=1'
    done = train(
        sorted(set(HOSTS) - NEEDS[host]),
        HOSTS[host],
        *('--work-dir', str(tmp_path), '--cfg-options'),
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
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert 'trained without' in done.stdout
    assert '[2/2]' in done.stdout + done.stderr
    assert len(list(tmp_path.glob('*.pth'))) == 1


@pytest.mark.parametrize(
    ('host', 'absent'), [(host, name) for host in HOSTS for name in sorted(NEEDS[host])]
)
def test_what_is_missing_is_named_with_its_command(host, absent, tmp_path):
    done = train([absent], HOSTS[host], '--work-dir', str(tmp_path))
    assert done.returncode == 2
    *_, line = done.stderr.strip().splitlines()
    assert line.startswith(f'error: {HOSTS[host]} needs {host}, which cannot be')
    assert f"No module named '{absent}" in line
    assert f'pip install "diffmm[{EXTRAS[host]}]"' in line
    assert not list(tmp_path.iterdir())
