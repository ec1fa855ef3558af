from __future__ import annotations

import os
import sys
from pathlib import Path

from diffmm.studies import Launcher

ARGS = Path('run.py'), Path('work/run')


def test_one_process():
    launcher = Launcher(Path('tools'))
    assert launcher.train(*ARGS) == [
        sys.executable,
        *'tools/train.py run.py --work-dir work/run --resume'.split(),
    ]
    command = launcher.test(Path('run.py'), Path('last.pth'), Path('out'), tta=True)
    assert launcher.describe(command) == (
        'python tools/test.py run.py last.pth --work-dir out --tta'
    )


def test_the_recipes_gpus_or_others():
    command = Launcher(Path('tools'), 'pytorch').train(*ARGS, recipe=8)
    assert ' '.join(command) == (
        'bash tools/dist_train.sh run.py 8 --work-dir work/run --resume'
    )
    fewer = Launcher(Path('tools'), 'pytorch', gpus=4).train(*ARGS, recipe=8)
    assert fewer[3] == '4' and fewer[-1] == '--auto-scale-lr'


def test_slurm_gets_whole_nodes():
    launcher = Launcher(Path('tools'), 'slurm', gpus=16, partition='gpu')
    assert launcher.describe(launcher.train(*ARGS, recipe=16)) == (
        'env GPUS=16 GPUS_PER_NODE=8 bash tools/slurm_train.sh gpu run run.py '
        '--work-dir work/run --resume'
    )


def test_idle_threads_do_not_spin_unless_the_user_says_so(monkeypatch):
    monkeypatch.delenv('GOMP_SPINCOUNT', raising=False)
    monkeypatch.setenv('OMP_NUM_THREADS', '7')
    found = Launcher(Path('tools'), threads=3).environment()
    assert found['GOMP_SPINCOUNT'] == '5000' and found['OMP_NUM_THREADS'] == '7'
    assert found['PATH'].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    monkeypatch.setenv('GOMP_SPINCOUNT', '1')
    assert Launcher(Path('tools')).environment()['GOMP_SPINCOUNT'] == '1'
