"""Every way to start DiffMM decides how OpenMP's threads wait, before torch is loaded.

The ways are looked for, not listed: scripts and modules that can be run, and launchers.
Each is started on a Python that stops where torch would be loaded and prints what the
environment says then.
"""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from diffmm.studies import Launcher

ROOT = Path(__file__).resolve().parents[1]
RUNNABLE = sorted(
    path.relative_to(ROOT)
    for folder in ('demo', 'tools', 'diffmm')
    for path in (ROOT / folder).rglob('*.py')
    if '.mim' not in path.parts and "__name__ == '__main__'" in path.read_text()
)
LAUNCHERS = sorted(path.relative_to(ROOT) for path in (ROOT / 'tools').glob('*.sh'))
TRAP = """
import os, sys

class Trap:
    def find_spec(self, name, path=None, target=None):
        if name == 'torch':
            print('torch at', os.environ.get('GOMP_SPINCOUNT'), flush=True)
            os._exit(0)

sys.meta_path.insert(0, Trap())
"""


@pytest.fixture(scope='module')
def start(tmp_path_factory):
    """Starts a command without the settings of this process; returns its output."""
    folder = tmp_path_factory.mktemp('trap')
    (folder / 'sitecustomize.py').write_text(TRAP)
    settings = ('GOMP_SPINCOUNT', 'OMP_WAIT_POLICY')
    inherited = {k: v for k, v in os.environ.items() if k not in settings}

    def run(*command, **environment):
        path = os.pathsep.join([str(folder), str(ROOT)])
        result = subprocess.run(
            [*map(str, command)],
            cwd=ROOT,
            env={**inherited, 'PYTHONPATH': path, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


def module_of(path):
    return '.'.join(path.with_suffix('').parts)


@pytest.mark.parametrize('path', RUNNABLE, ids=str)
def test_scripts_and_modules(start, path):
    inside = path.parts[0] == 'diffmm'
    what = ('-m', module_of(path)) if inside else (path,)
    assert start(sys.executable, *what, '--help').strip() == 'torch at 5000'


def test_what_the_user_set_stays(start):
    output = start(sys.executable, 'tools/train.py', GOMP_SPINCOUNT='7')
    assert output.strip() == 'torch at 7'
    output = start(sys.executable, 'tools/train.py', OMP_WAIT_POLICY='PASSIVE')
    assert output.strip() == 'torch at None'


def test_the_tests(start):
    # -s, because pytest would keep what is printed to itself.
    options = ('-p', 'no:cacheprovider', '-s', '--co', 'tests/test_rooms.py')
    output = start(sys.executable, '-m', 'pytest', *options)
    assert output.strip() == 'torch at 5000'


@pytest.mark.parametrize('path', LAUNCHERS, ids=str)
def test_launchers_start_one_of_these_scripts(start, path, tmp_path):
    """torchrun and srun start it in processes of its own."""
    for name in ('python', 'srun'):
        (tmp_path / name).write_text('#!/bin/sh\necho "$@"\n')
        (tmp_path / name).chmod(0o755)
    search = os.pathsep.join([str(tmp_path), os.environ['PATH']])
    arguments = ('2', '3', '4', '5')
    output = start('bash', path, *arguments, PATH=search)
    scripts = re.findall(r'\S+/(tools/\S+\.py)', output)
    assert scripts and set(scripts) <= {str(each) for each in RUNNABLE}


def test_processes_that_a_script_starts_inherit_its_settings(monkeypatch):
    """Those that write an environment of their own keep them."""
    own = {
        path.relative_to(ROOT).as_posix()
        for folder in ('demo', 'tools', 'diffmm')
        for path in (ROOT / folder).rglob('*.py')
        if '.mim' not in path.parts and re.search(r'\benv=', path.read_text())
    }
    assert own == {
        'demo/quickstart.py',
        'diffmm/studies/launcher.py',
        'tools/analysis_tools/busy_machine.py',  # the quickstart's
        'tools/analysis_tools/torture_trainings.py',
    }
    quickstart = runpy.run_path(str(ROOT / 'demo' / 'quickstart.py'))
    monkeypatch.delenv('OMP_WAIT_POLICY', raising=False)
    monkeypatch.setenv('GOMP_SPINCOUNT', '9')
    assert Launcher(ROOT / 'tools').environment()['GOMP_SPINCOUNT'] == '9'
    assert quickstart['environment']()['GOMP_SPINCOUNT'] == '9'
    monkeypatch.delenv('GOMP_SPINCOUNT')
    monkeypatch.setenv('OMP_WAIT_POLICY', 'PASSIVE')
    environment = Launcher(ROOT / 'tools').environment()
    assert environment['OMP_WAIT_POLICY'] == 'PASSIVE'
    assert 'GOMP_SPINCOUNT' not in environment


def test_all_are_found():
    names = {path.name for path in RUNNABLE}
    assert {'train.py', 'test.py', 'quickstart.py', 'benchmark.py'} <= names
    assert {'reproduce.py', 'busy_machine.py', 'doctor.py', 'image_demo.py'} <= names
    assert len(LAUNCHERS) >= 4


def test_every_script_ends_wrong_input_with_one_line():
    """`run_main` does; the doctor's exit code is its finding."""
    without = [
        path.name
        for folder in ('demo', 'tools')
        for path in (ROOT / folder).rglob('*.py')
        if re.search(
            r'^if __name__ == .__main__.:\n    (?!run_main)', path.read_text(), re.M
        )
    ]
    assert not without
