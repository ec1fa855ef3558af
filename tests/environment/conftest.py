from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    """The packages of an environment: what a test puts there, and nothing else."""
    packages = tmp_path / 'lib' / 'python3' / 'site-packages'
    packages.mkdir(parents=True)
    monkeypatch.setattr(sys, 'path', [str(packages)])
    monkeypatch.setattr(
        sys, 'meta_path', [f for f in sys.meta_path if 'editable' not in repr(f)]
    )
    # A module that is imported would be found without a look at its folder.
    monkeypatch.delitem(sys.modules, 'mmcv', raising=False)
    return packages


@pytest.fixture
def broken_import(monkeypatch):
    """Make importing a module raise."""
    real = importlib.import_module

    def change(broken, error):
        def import_module(name, *args):
            if name == broken:
                raise error
            return real(name, *args)

        monkeypatch.setattr(importlib, 'import_module', import_module)

    return change
