"""Tables as text, for terminals and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def format_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers_from: int | None = None,
    markdown: bool = False,
) -> str:
    """Aligns rows under a header.

    It needs no library, because ``python -m diffmm.doctor`` has to print a table where
    every other package is broken.

    Args:
        header: Column titles.
        rows: Cells, one sequence a row.
        numbers_from: Index of the first column that is aligned to the right; None
            aligns all to the left.
        markdown: Draw Markdown's bars, instead of two spaces between columns.

    Returns:
        The table, without a line break at its end.
    """
    lines = [[str(cell) for cell in line] for line in (header, *rows)]
    if markdown:
        lines = [[cell.replace('|', '\\|') for cell in line] for line in lines]
    columns = range(len(header))
    right = [numbers_from is not None and column >= numbers_from for column in columns]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in columns]

    def join(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(cells, widths, right, strict=True)
        ]
        return f'| {" | ".join(padded)} |' if markdown else '  '.join(padded).rstrip()

    rule = [
        '-' * (width - 1) + ':' if is_right and markdown else '-' * width
        for width, is_right in zip(widths, right, strict=True)
    ]
    first, *others = map(join, lines)
    return '\n'.join([first, join(rule), *others])


def three_digits(number: float) -> str:
    """Writes a number with three digits, or all before the point, if it has more.

    Args:
        number: At least 0.
    """
    return f'{number:.0f}' if number >= 100 else f'{number:.3g}'
