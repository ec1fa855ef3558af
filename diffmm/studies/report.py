"""What a study found, on the screen and in files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..utils.atomic import write_atomically


def write_report(work_dir: Path, text: str, summary: Mapping) -> None:
    """Prints a study's tables and keeps them.

    Args:
        work_dir: The study's folder; gets ``table.txt`` and ``summary.json``.
        text: The tables.
        summary: The same in numbers.
    """
    print(text)
    write_atomically(work_dir / 'table.txt', text.encode())
    figures = json.dumps(summary, indent=2) + '\n'
    write_atomically(work_dir / 'summary.json', figures.encode())
