"""Pickles that try to run code when they are read.

None of them does harm: each would write a marker file, which tells that it ran.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

# Functions that a pickle may name and call, with the arguments that write the marker.
# ``{marker}`` is its path.
_CALLS: tuple[tuple[str, str, tuple], ...] = (
    ('os', 'system', ('echo x > "{marker}"',)),
    ('posix', 'system', ('echo x > "{marker}"',)),
    ('subprocess', 'call', (['touch', '{marker}'],)),
    ('subprocess', 'getoutput', ('echo x > "{marker}"',)),
    ('builtins', 'eval', ('open({marker!r}, "w").close()',)),
    ('builtins', 'exec', ('open({marker!r}, "w").close()',)),
    ('builtins', 'open', ('{marker}', 'w')),
    ('io', 'open', ('{marker}', 'w')),
    ('os', 'open', ('{marker}', 65)),
    ('os', 'mkdir', ('{marker}',)),
    ('os', 'makedirs', ('{marker}',)),
    ('shutil', 'copyfile', ('/dev/null', '{marker}')),
    ('timeit', 'main', (['-n1', '-r1', 'open({marker!r}, "w").close()'],)),
    ('runpy', '_run_code', ('open({marker!r}, "w").close()', {})),
    ('os', 'mkfifo', ('{marker}',)),
    ('os', 'symlink', ('/dev/null', '{marker}')),
    ('os', 'mknod', ('{marker}',)),
    ('tarfile', 'open', ('{marker}', 'w')),
    ('torch', 'save', (0, '{marker}')),
    ('numpy', 'savetxt', ('{marker}', [0])),
)
NAMES = tuple(f'{module}.{name}' for module, name, _ in _CALLS)


def hostile_pickle(index: int, marker: Path) -> bytes:
    """Writes a pickle that calls a function.

    Args:
        index: Which of ``NAMES``.
        marker: File that it would write.

    Returns:
        The pickle, protocol 2.
    """
    module, name, arguments = _CALLS[index]
    filled = tuple(_fill(each, str(marker)) for each in arguments)
    # Instructions of pickle: the function, its arguments, the call. Of protocols, torch
    # reads this one.
    packed = pickle.dumps(filled, protocol=2)[2:-1]
    return b'\x80\x02' + f'c{module}\n{name}\n'.encode() + packed + b'R.'


def as_checkpoint(content: bytes) -> bytes:
    """Puts a pickle into the zip file that torch writes.

    Args:
        content: The pickle.

    Returns:
        The file.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w') as archive:
        archive.writestr('archive/data.pkl', content)
        archive.writestr('archive/byteorder', 'little')
        archive.writestr('archive/version', '3\n')
    return stream.getvalue()


def _fill(argument: object, marker: str) -> object:
    if isinstance(argument, list):
        return [_fill(each, marker) for each in argument]
    if not isinstance(argument, str):
        return argument
    return argument.replace('{marker!r}', repr(marker)).replace('{marker}', marker)
