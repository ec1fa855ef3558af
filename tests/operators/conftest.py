"""Both computations of mmcv's operators, side by side."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType

import pytest

from diffmm.operators import COMPILE, operator_status
from diffmm.operators.extension import fill


@pytest.fixture
def stand_in() -> ModuleType:
    """A stand-in that is in nobody's way."""
    module = ModuleType('stand_in')
    fill(module, COMPILE)
    return module


@pytest.fixture
def use_stand_in(monkeypatch, stand_in) -> Callable[..., None]:
    """Let a file of mmcv.ops call the stand-in: ``use_stand_in('roi_align')``."""

    def use(*files: str) -> None:
        for file in files:
            module = importlib.import_module(f'mmcv.ops.{file}')
            monkeypatch.setattr(module, 'ext_module', stand_in)

    return use


@pytest.fixture
def compiled() -> None:
    """Skip a comparison where mmcv has no compiled operators (`make ops`)."""
    if operator_status().kind != 'compiled':
        pytest.skip('mmcv has no compiled operators to compare with')
