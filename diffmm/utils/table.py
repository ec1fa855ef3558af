"""Tables of text."""

from __future__ import annotations

from collections.abc import Sequence


def format_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool = False
) -> str:
    """Aligns rows under a header.

    Args:
        header: Column titles.
        rows: Cells, one sequence per row, each as long as the header.
        markdown: Separate the columns by bars, as Markdown wants them, instead of by
            two spaces.

    Returns:
        The table, without a line break at its end.
    """
    lines = [header, ['-' * len(title) for title in header], *rows]
    columns = list(zip(*lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    padded = [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in lines
    ]
    if markdown:
        return '\n'.join(f'| {" | ".join(line)} |' for line in padded)
    return '\n'.join('  '.join(line).rstrip() for line in padded)
