from __future__ import annotations

import pytest

from diffmm.utils.compiler import check_compiler


@pytest.mark.parametrize('options', [True, {'mode': 'reduce-overhead'}])
def test_a_missing_compiler_is_named(monkeypatch, options):
    monkeypatch.setenv('CXX', 'no-such-compiler')
    with pytest.raises(ValueError, match="no 'no-such-compiler': install g\\+\\+"):
        check_compiler(options)


@pytest.mark.parametrize('options', [False, {}, {'backend': 'eager'}])
def test_what_compiles_nothing_needs_none(monkeypatch, options):
    monkeypatch.setenv('CXX', 'no-such-compiler')
    check_compiler(options)


def test_one_that_is_there(monkeypatch):
    monkeypatch.setenv('CXX', 'sh')
    check_compiler(True)
