"""Where an object is, as measured in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MeasuredObject:
    """Extent of an unoccluded mask; lengths are fractions of the picture's side.

    Attributes:
        left: Its left edge.
        right: Its right edge.
        middle: Half-way between the centres of its extent and of its mass.
        bottom: Its lower edge.
    """

    left: float
    right: float
    middle: float
    bottom: float

    @classmethod
    def from_mask(cls, mask: np.ndarray) -> MeasuredObject:
        """Measures a mask, ``(S, S)`` bool, which must not be empty."""
        rows, columns = np.nonzero(mask)
        if not len(rows):
            raise ValueError('the mask is empty: there is nothing to measure')
        left, right = columns.min(), columns.max() + 1
        # A reaching arm moves the centre of the extent, a chair's back that of mass.
        middle = ((left + right) / 2 + columns.mean() + 0.5) / 2
        extent = (left, right, middle, rows.max() + 1)
        return cls(*(float(value) / len(mask) for value in extent))

    def in_line(self, other: MeasuredObject) -> bool:
        """Whether some column of the picture crosses both."""
        return self.left < other.right and other.left < self.right
