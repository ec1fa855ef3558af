from __future__ import annotations

import importlib
import sys
from importlib import metadata
from importlib.machinery import PathFinder
from types import ModuleType

import pytest

from diffmm.operators import (
    COMPILE,
    REPLACE,
    OperatorStatus,
    find_fault,
    operator_status,
)
from diffmm.operators.finder import EXTENSION, StandInFinder


def test_the_status_of_this_environment():
    extension = importlib.import_module(EXTENSION)
    compiled = extension.__file__ if hasattr(extension, '__file__') else None
    assert operator_status().kind == ('compiled' if compiled else 'replaced')


def test_replaced_operators_are_told_from_missing_ones(monkeypatch):
    module = ModuleType(EXTENSION)
    module.__spec__ = StandInFinder().find_spec(EXTENSION, None)
    module.__spec__.loader.exec_module(module)
    for name in ('knn_forward', 'roi_align_rotated_backward', 'upfirdn2d'):
        getattr(module, name)
    monkeypatch.setitem(sys.modules, EXTENSION, module)
    status = operator_status()
    assert status.kind == 'replaced'
    assert {'deform_conv', 'nms', 'roi_align', 'softnms'} <= set(status.replaced)
    assert {'knn', 'roi_align_rotated', 'upfirdn2d'} <= set(status.missing)
    assert not set(status.replaced) & set(status.missing)


@pytest.mark.parametrize(
    ('status', 'text'),
    [
        (OperatorStatus('compiled'), 'compiled'),
        (OperatorStatus('absent'), 'none, mmcv is not installed'),
        (
            OperatorStatus('replaced', ('nms',), ('knn', 'tin_shift')),
            '1 replaced by DiffMM, 2 missing; `make ops` compiles them',
        ),
    ],
    ids=lambda value: getattr(value, 'kind', ''),
)
def test_a_status_in_one_line(status, text):
    assert str(status) == f"mmcv's operators: {text}"


def test_the_names_of_a_status():
    status = OperatorStatus('replaced', ('nms',), ('knn', 'tin_shift'))
    assert status.list_names().splitlines() == [
        'replaced by DiffMM: nms',
        'missing (calling one is an error): knn, tin_shift',
    ]
    assert OperatorStatus('compiled').list_names() == ''


def test_pytest_prints_it_in_one_line():
    from tests.conftest import pytest_report_header

    assert pytest_report_header() == str(operator_status())


@pytest.fixture
def mmcv_of(monkeypatch, tmp_path):
    """Pretend that some packages are installed, and some files of mmcv are there."""

    def change(distributions, files):
        (tmp_path / 'mmcv').mkdir()
        for name in files:
            (tmp_path / 'mmcv' / name).touch()
        if not files:
            (tmp_path / 'mmcv').rmdir()
        found = PathFinder.find_spec('mmcv', [str(tmp_path)])
        monkeypatch.setattr(importlib.util, 'find_spec', lambda name: found)

        def version(name):
            if name not in distributions:
                raise metadata.PackageNotFoundError(name)
            return '2.1.0'

        monkeypatch.setattr(metadata, 'version', version)

    return change


WHOLE = ('__init__.py',)
COMPILED = ('__init__.py', '_ext.py')


@pytest.mark.parametrize(
    ('distributions', 'files', 'fault', 'remedy'),
    [
        (('mmcv',), WHOLE, '', ''),
        (('mmcv-lite',), WHOLE, '', ''),
        ((), (), '', ''),
        (('mmcv', 'mmcv-lite'), WHOLE, 'installed over each other', REPLACE),
        (('mmcv', 'mmcv-lite'), COMPILED, 'mmcv and mmcv-lite', COMPILE),
        (('mmcv',), (), 'mmcv is installed, but its files are gone', REPLACE),
        (('mmcv-lite',), ('_ext.so',), 'mmcv is not installed, and', REPLACE),
        ((), ('version.py',), 'mmcv is not installed, and', REPLACE),
        (('mmcv-full', 'mmcv'), WHOLE, 'mmcv and mmcv-full are', REPLACE),
        (('onedl-mmcv',), WHOLE, '', ''),
    ],
)
def test_faults_of_an_installation(mmcv_of, distributions, files, fault, remedy):
    mmcv_of(distributions, files)
    detail, command = find_fault()
    assert fault in detail and bool(fault) == bool(detail)
    assert command == remedy


def test_commands_remove_what_they_replace():
    for command in (COMPILE, REPLACE):
        removal = 'python -m pip uninstall -y mmcv mmcv-lite mmcv-full && '
        assert command.startswith(removal)
    assert 'mmcv-lite==2.1.0' in REPLACE and 'MMCV_WITH_OPS=1' in COMPILE
