from __future__ import annotations

import os
import sys

import pytest

from diffmm.environment.openmp import find_openmp, limit_spinning

# Prints the variable when DiffMM begins to import a package, and ends there.
PRINT = """
import os, sys

class Watcher:
    def find_spec(self, name, path=None, target=None):
        if name == {package!r}:
            print(os.environ.get('GOMP_SPINCOUNT'), flush=True)
            os._exit(0)

sys.meta_path.insert(0, Watcher())
import diffmm
"""


@pytest.fixture
def before_torch(monkeypatch):
    """A process that has loaded no torch and whose environment says nothing."""
    monkeypatch.delitem(sys.modules, 'torch')
    for name in ('GOMP_SPINCOUNT', 'OMP_WAIT_POLICY'):
        # Set first, so that what the test sets is taken back.
        monkeypatch.setenv(name, '')
        monkeypatch.delenv(name)


def test_threads_spin_shortly(before_torch):
    limit_spinning()
    assert os.environ['GOMP_SPINCOUNT'] == '5000'


@pytest.mark.parametrize('name', ['GOMP_SPINCOUNT', 'OMP_WAIT_POLICY'])
def test_the_user_decides(before_torch, monkeypatch, name):
    monkeypatch.setenv(name, 'ACTIVE')
    limit_spinning()
    assert os.environ[name] == 'ACTIVE'
    others = {'GOMP_SPINCOUNT', 'OMP_WAIT_POLICY'} - {name}
    assert not others & set(os.environ)


def test_after_torch_it_is_too_late(before_torch, monkeypatch):
    monkeypatch.setitem(sys.modules, 'torch', object())
    limit_spinning()
    assert 'GOMP_SPINCOUNT' not in os.environ


def test_importing_diffmm_comes_before_torch(run_python, before_torch):
    done = run_python('-c', PRINT.format(package='torch'))
    assert done.stdout == '5000\n', done.stderr
    done = run_python('-c', 'import torch' + PRINT.format(package='mmengine'))
    assert done.stdout == 'None\n', done.stderr


@pytest.mark.skipif(sys.platform != 'linux', reason='only Linux lists what is loaded')
def test_the_loaded_openmp_is_found():
    # PyTorch's wheels carry GNU's, conda's packages Intel's or LLVM's.
    assert find_openmp() in ('GNU', 'Intel', 'LLVM')
