"""COCO's run-length encoding of masks, without pycocotools."""

from __future__ import annotations

import numpy as np


def encode_mask(mask: np.ndarray) -> dict:
    """Encodes a mask as COCO's compressed run lengths, exactly.

    Polygons would lose holes and move edges; every reader of COCO takes run lengths
    as well.

    Args:
        mask: ``(H, W)`` bool.

    Returns:
        ``dict(size=[H, W], counts=str)``, ready for JSON.
    """
    return dict(size=list(mask.shape), counts=_compress(_run_lengths(mask)))


def _run_lengths(mask: np.ndarray) -> list[int]:
    """Lengths of the runs of zeros and ones in turn, columns first, zeros first."""
    pixels = np.concatenate([[False], mask.ravel(order='F')])
    changes = np.flatnonzero(pixels[1:] != pixels[:-1])
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()


def _compress(counts: list[int]) -> str:
    """Writes each count, from the fourth on as difference to the one before last.

    Five bits a character, lowest first, with a sixth bit where more follow; offset 48
    makes them printable.
    """
    characters = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            # Done when all that is left is the sign, which bit 4 already shows.
            more = value != (-1 if bits & 0x10 else 0)
            characters.append(chr(48 + (bits | 0x20 if more else bits)))
    return ''.join(characters)
