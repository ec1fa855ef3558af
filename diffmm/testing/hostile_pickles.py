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
    ('pathlib', 'Path.touch', ('{marker}',)),
    ('os', 'mkdir', ('{marker}',)),
    ('os', 'makedirs', ('{marker}',)),
    ('shutil', 'copyfile', ('/dev/null', '{marker}')),
    ('timeit', 'timeit', ('open({marker!r}, "w").close()', 'pass')),
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
        The pickle, protocol 4.
    """
    module, name, arguments = _CALLS[index]
    filled = tuple(_fill(each, str(marker)) for each in arguments)
    # Instructions of pickle: the name, the arguments, the call.
    packed = pickle.dumps(filled, protocol=4)[2:-1]
    return (
        b'\x80\x04'
        + _short(module)
        + _short(name)
        + b'\x93'  # STACK_GLOBAL
        + _without_frame(packed)
        + b'R.'  # REDUCE, STOP
    )


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


def _short(text: str) -> bytes:
    data = text.encode()
    return b'\x8c' + bytes([len(data)]) + data  # SHORT_BINUNICODE


def _without_frame(packed: bytes) -> bytes:
    """Takes the frame off, whose length would no longer be right."""
    return packed[9:] if packed[:1] == b'\x95' else packed
