"""Damage to files, chosen by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path


def _truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(1, len(content))]


def _empty(content: bytes, rng: random.Random) -> bytes:
    return b''


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(content: bytes, rng: random.Random) -> bytes:
    """A block of another file, as after a crash of the disk."""
    length = max(1, len(content) // rng.choice((4, 16, 64)))
    start = rng.randrange(len(content) - length + 1)
    return content[:start] + rng.randbytes(length) + content[start + length :]


def _zero(content: bytes, rng: random.Random) -> bytes:
    """Blocks that were promised, but never written."""
    start = rng.randrange(len(content))
    return content[:start] + bytes(len(content) - start)


def _page(content: bytes, rng: random.Random) -> bytes:
    """The page that a server sends instead of the file."""
    return b'<!DOCTYPE html>\n<html><body>404: not found</body></html>\n'


def _noise(content: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(len(content))


DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    'truncated': _truncate,
    'empty': _empty,
    'bit flipped': _flip,
    'block overwritten': _overwrite,
    'end zeroed': _zero,
    'a web page': _page,
    'noise': _noise,
}


def damage(path: Path, kind: str, rng: random.Random) -> None:
    """Damages a file in place.

    Args:
        path: The file.
        kind: A key of ``DAMAGES``.
        rng: Decides where.
    """
    path.write_bytes(DAMAGES[kind](path.read_bytes(), rng))
