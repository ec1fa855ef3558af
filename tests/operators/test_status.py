from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from diffmm.operators import OperatorStatus, operator_status
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
        (OperatorStatus('absent'), 'mmcv is not installed'),
        (
            OperatorStatus('replaced', ('nms',), ('knn', 'tin_shift')),
            '1 replaced by DiffMM, 2 missing; `make ops` compiles them',
        ),
    ],
    ids=lambda value: getattr(value, 'kind', ''),
)
def test_a_status_in_one_line(status, text):
    assert str(status) == f"mmcv's operators: {text}" or text in str(status)
