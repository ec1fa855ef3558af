"""Files of named results, one a line, that long work appends to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .atomic import write_atomically


def read_results(path: Path) -> dict[str, Any]:
    """Reads results by name; the last of a name counts.

    A line that was cut off, or damaged by a crash of the machine, does not count: its
    result is made again.

    Args:
        path: A file of `append_results`; it may be missing.
    """
    if not path.exists():
        return {}
    whole, _, rest = path.read_bytes().rpartition(b'\n')
    if rest:
        write_atomically(path, whole + b'\n' if whole else b'')
    results = {}
    for line in whole.splitlines():
        try:
            name, result = json.loads(line)
        except (TypeError, ValueError):
            continue
        results[name] = result
    return results


def append_results(path: Path, results: Mapping[str, Any]) -> None:
    """Adds results.

    Args:
        path: The file; its folder exists.
        results: By name, as JSON can hold them.
    """
    lines = ''.join(json.dumps(pair) + '\n' for pair in results.items())
    with path.open('a', encoding='utf-8') as file:
        file.write(lines)
