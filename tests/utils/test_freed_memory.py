from __future__ import annotations

import os
import platform
from types import SimpleNamespace

import pytest

from diffmm.utils import freed_memory

GIB = 2**30

# Prints how few pages the system gives out for a tensor of 64 MiB: 16,384 of 4 KiB.
# The module is read from its file, as importing diffmm takes many times longer.
COUNT = f"""
import resource, runpy
import torch

module = runpy.run_path({freed_memory.__file__!r})
keep, release = module['keep_freed_memory'], module['release_freed_memory']

def take():
    keep()
    started = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(16, 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - started

# Where a tensor begins is chance: glibc's search for an aligned block may miss one that
# is just as large, a dozen times in a row.
least = min(take() for _ in range(40))
release()
print(least, take())
"""

# Prints by how many MiB the heap grows for ten tensors of 40, between which the first
# pass leaves something small, and for one of 400 in the next pass.
WALLS = f"""
import ctypes, runpy
import torch

keep = runpy.run_path({freed_memory.__file__!r})['keep_freed_memory']
sbrk = ctypes.CDLL(None).sbrk
sbrk.restype, sbrk.argtypes = ctypes.c_size_t, [ctypes.c_ssize_t]
started = sbrk(0)
keep()
pairs = [(torch.empty(40, 2**18), torch.empty(2**13)) for _ in range(10)]
walls = [small for _, small in pairs]
del pairs
keep()
torch.empty(400, 2**18)
print(sbrk(0) - started >> 20)
"""

glibc = pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='needs glibc')


@pytest.fixture
def bare(monkeypatch):
    """An environment without settings, and a process that has not begun to keep."""
    for name in [*os.environ]:
        if name.startswith('MALLOC_') or name == 'GLIBC_TUNABLES':
            monkeypatch.delenv(name)
    freed_memory._open_allocator.cache_clear()
    yield
    freed_memory._open_allocator.cache_clear()


@pytest.fixture
def libc(bare, monkeypatch):
    """Stands for glibc; notes what is called."""
    library = SimpleNamespace(calls=[], used=0, mapped=0, free=0)

    class Usage:
        restype = None

        def __call__(self):
            return SimpleNamespace(
                uordblks=library.used, hblkhd=library.mapped, fordblks=library.free
            )

    library.mallinfo2 = Usage()
    library.mallopt = lambda *options: library.calls.append(options)
    library.malloc_trim = lambda pad: library.calls.append('trim')
    monkeypatch.setattr(platform, 'libc_ver', lambda: ('glibc', '2.36'))
    monkeypatch.setattr(freed_memory.ctypes, 'CDLL', lambda name: library)
    return library


@glibc
def test_a_tensor_takes_the_memory_of_the_one_before(run_python, bare):
    done = run_python('-c', COUNT)
    least, released = map(int, done.stdout.split())
    assert least < 1000, done.stderr
    assert released > 10_000


@glibc
def test_small_blocks_of_the_first_pass_are_no_walls(run_python, bare):
    done = run_python('-c', WALLS)
    assert 400 <= int(done.stdout) < 500, done.stderr


@glibc
def test_the_user_decides(run_python, bare):
    done = run_python('-c', COUNT, MALLOC_TRIM_THRESHOLD_='131072')
    assert int(done.stdout.split()[0]) > 10_000, done.stderr


def test_large_blocks_are_kept_from_the_second_pass_on(libc):
    freed_memory.keep_freed_memory()
    assert libc.calls == [(-1, -1), (-3, 32 * 2**20)]
    freed_memory.keep_freed_memory()
    assert libc.calls[2:] == [(-4, 0)]


@pytest.mark.parametrize(
    ('used', 'mapped', 'free', 'trims'),
    [
        (GIB, 0, 4 * GIB, 0),
        (0, GIB, 4 * GIB, 0),
        (GIB, 0, 4 * GIB + 1, 1),
        (0, 0, 2 * GIB, 0),
        (0, 0, 3 * GIB, 1),
    ],
)
def test_gaps_that_have_grown_large_are_given_back(libc, used, mapped, free, trims):
    libc.used, libc.mapped, libc.free = used, mapped, free
    freed_memory.keep_freed_memory()
    assert libc.calls.count('trim') == trims


@pytest.mark.parametrize(
    ('name', 'value', 'kept'),
    [
        ('MALLOC_TRIM_THRESHOLD_', '131072', False),
        ('GLIBC_TUNABLES', 'glibc.malloc.trim_threshold=131072', False),
        ('GLIBC_TUNABLES', 'glibc.rtld.optional_static_tls=512', True),
    ],
)
def test_settings_of_the_environment_stay(libc, monkeypatch, name, value, kept):
    monkeypatch.setenv(name, value)
    freed_memory.keep_freed_memory()
    assert bool(libc.calls) == kept


@pytest.mark.parametrize('lacks', ['glibc', 'mallinfo2'])
def test_other_and_older_c_libraries_are_left_alone(libc, monkeypatch, lacks):
    if lacks == 'glibc':
        monkeypatch.setattr(platform, 'libc_ver', lambda: ('', ''))
    else:
        del libc.mallinfo2
    freed_memory.keep_freed_memory()
    assert not libc.calls
