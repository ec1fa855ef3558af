"""The waiting of PyTorch's CPU threads for each other.

PyTorch's wheels for Linux carry GNU OpenMP. Its threads spin for some milliseconds
before they sleep, once a layer. That is fastest on an idle machine. Beside another busy
process a thread spins while the one it waits for is not running: with two cores and one
busy process, a forward of `mini` takes 4.6 s instead of 0.10 s. With ``GOMP_SPINCOUNT``
at 5000 (some ten microseconds) it takes 0.10 to 0.12 s alone and about 0.3 s beside
one.

Intel's and LLVM's OpenMP (conda's PyTorch, macOS) do not read the variable and do not
need it: their threads give way while they spin, and sleep after 0.2 s
(``KMP_BLOCKTIME``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SPIN_COUNT = 5000
# Either says how threads wait; what the user said stays.
_SETTINGS = ('GOMP_SPINCOUNT', 'OMP_WAIT_POLICY')


def limit_spinning() -> None:
    """Shortens the spinning of OpenMP threads, unless the environment says how to wait.

    OpenMP reads its environment when torch is loaded, so this has to come before;
    afterwards it does nothing. Child processes inherit it.
    """
    if 'torch' not in sys.modules and not any(name in os.environ for name in _SETTINGS):
        os.environ['GOMP_SPINCOUNT'] = str(SPIN_COUNT)


def describe_waiting() -> str:
    """Says what decides how OpenMP threads wait.

    Returns:
        The setting, and whose it is.
    """
    settings = [
        f'{name}={os.environ[name]}' for name in _SETTINGS if name in os.environ
    ]
    if not settings:
        return 'not set (torch was imported before diffmm): slow beside busy processes'
    ours = settings == [f'GOMP_SPINCOUNT={SPIN_COUNT}']
    return f'{", ".join(settings)}, set by {"DiffMM" if ours else "the user"}'


def find_openmp() -> str:
    """Looks up whose OpenMP this process has loaded.

    Returns:
        ``'GNU'``, ``'Intel'`` or ``'LLVM'``; empty where none is loaded, or where the
        system does not say (only Linux does).
    """
    maps = Path('/proc/self/maps')
    loaded = maps.read_text() if maps.is_file() else ''
    libraries = dict(libgomp='GNU', libiomp='Intel', libomp='LLVM')
    names = {
        name for name in libraries for line in loaded.splitlines() if f'/{name}' in line
    }
    # Which of several serves torch is not known; GNU's is the one that matters.
    return libraries[min(names, key=list(libraries).index)] if names else ''
