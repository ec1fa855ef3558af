"""The average rank of methods over the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..utils.text_table import format_table


def average_ranks(
    columns: Sequence[tuple[Mapping[str, float], bool]],
) -> dict[str, float]:
    """Ranks methods in every column and averages their ranks.

    Equal figures share a rank, and the next one follows it, as in the tables of
    Marigold and ADDP.

    Args:
        columns: Per column the figures by method, and if lower ones are better.

    Returns:
        Average ranks of the methods that every column has, the best first.
    """
    names = [name for name in columns[0][0] if all(name in c for c, _ in columns)]
    totals = dict.fromkeys(names, 0)
    for figures, lower in columns:
        own = {name: figures[name] for name in names}
        order = sorted(set(own.values()), reverse=not lower)
        for name, value in own.items():
            totals[name] += 1 + order.index(value)
    averages = {name: total / len(columns) for name, total in totals.items()}
    return dict(sorted(averages.items(), key=lambda item: item[1]))


def format_ranks(ranks: Mapping[str, float]) -> str:
    """Lays out average ranks.

    Args:
        ranks: Average rank of every method.
    """
    rows = [[name, f'{rank:.1f}'] for name, rank in ranks.items()]
    return format_table(['row', 'average rank'], rows, numbers_from=1, markdown=True)
