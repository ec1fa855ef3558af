from __future__ import annotations

import ctypes
import platform
import resource
from pathlib import Path

import pytest
import torch

from diffmm.environment.freed_memory import (
    keep_freed_memory,
    release_freed_memory,
    without_kept_memory,
)

# Prints how few pages the system gives out for a tensor of 64 MiB: 16,384 of 4 KiB.
COUNT = """
import resource
import diffmm, torch

def take():
    started = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(16, 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - started

# Where a tensor begins is chance, so the second may still need more.
print(min(take() for _ in range(6)))
"""

glibc = pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='needs glibc')


@pytest.fixture
def called(monkeypatch):
    """The calls of mallopt, which are not carried out."""
    calls = []

    class Library:
        def mallopt(self, number, value):
            calls.append((number, value))

    monkeypatch.setattr(ctypes, 'CDLL', lambda name: Library())
    return calls


@glibc
def test_a_tensor_takes_the_memory_of_the_one_before(run_python):
    done = run_python('-c', COUNT)
    assert int(done.stdout) < 1000, done.stderr


@glibc
def test_the_user_decides(run_python, called, monkeypatch):
    monkeypatch.setenv('MALLOC_TRIM_THRESHOLD_', '131072')
    keep_freed_memory()
    assert not called
    done = run_python('-c', COUNT)
    assert int(done.stdout) > 10_000, done.stderr


@glibc
def test_it_is_given_back_on_demand():
    def resident():
        pages = Path('/proc/self/statm').read_text().split()[1]
        return int(pages) * resource.getpagesize()

    keep_freed_memory()
    torch.ones(64, 2**20)
    kept = resident()
    release_freed_memory()
    assert kept - resident() > 200 * 2**20


@pytest.mark.parametrize('library', ['', 'musl'])
def test_other_c_libraries_are_left_alone(called, monkeypatch, library):
    monkeypatch.setattr(platform, 'libc_ver', lambda: (library, ''))
    keep_freed_memory()
    assert not called


def test_code_of_others_has_the_librarys_own_settings(called, monkeypatch):
    monkeypatch.delenv('GLIBC_TUNABLES', raising=False)
    assert without_kept_memory({'GLIBC_TUNABLES': 'a=1'}) == {'GLIBC_TUNABLES': 'a=1'}
    for name, value in without_kept_memory({}).items():
        monkeypatch.setenv(name, value)
    keep_freed_memory()
    assert not called
