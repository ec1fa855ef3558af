"""A table with a column for each seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..utils.table import format_table


class SeedTable:
    """Rows of one figure for each seed, with mean and standard deviation.

    Args:
        titles: Titles of the columns before the seeds'.
        seeds: The seeds.
        digits: Digits after the point.
    """

    def __init__(
        self, titles: Sequence[str], seeds: Sequence[int], digits: int = 2
    ) -> None:
        self.header = (*titles, *(f'seed {seed}' for seed in seeds), 'mean', 'std')
        self.digits = digits
        self.rows: list[tuple[str, ...]] = []

    def add(self, titles: Sequence[str], values: Sequence[float]) -> dict[str, float]:
        """Adds a row.

        Args:
            titles: Its first cells.
            values: The figure of each seed.

        Returns:
            ``mean`` and ``std`` of the values, the latter over n - 1 (0 for one seed).
        """
        mean = float(np.mean(values))
        std = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        cells = [f'{value:.{self.digits}f}' for value in (*values, mean, std)]
        self.rows.append((*titles, *cells))
        return dict(mean=mean, std=std)

    def __str__(self) -> str:
        return format_table(self.header, self.rows)
