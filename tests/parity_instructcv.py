"""Results of InstructCV's released code, in ``data/parity/instructcv.npz``.

Pictures are seeded noise with outlines, masks and depth that were drawn on them. Each
figure stands beside the standard one (``standard``).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tests import parity


@lru_cache(maxsize=1)
def _arrays() -> dict[str, np.ndarray]:
    with np.load(parity.DATA / 'instructcv.npz') as file:
        return dict(file)


def icv(name: str) -> np.ndarray:
    """A reference array as it is stored."""
    return _arrays()[name]
