"""Results of long work, kept as they come."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from .atomic import write_atomically


class ProgressFolder:
    """Lines of finished results, in the folder ``.<out>.progress`` beside a file.

    Args:
        out: The file that the results will make up.
        settings: What the results depend on, as JSON can hold it.
        what: What the results are, in the plural, for messages.

    Raises:
        ValueError: There are results of other settings.
    """

    def __init__(self, out: Path, settings: Mapping[str, Any], what: str) -> None:
        self.folder = out.with_name(f'.{out.name}.progress')
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / 'settings.json'
        content = json.dumps(settings, indent=2).encode()
        other = path.exists() and path.read_bytes() != content
        if other and any(self.folder.glob('*.jsonl')):
            raise ValueError(
                f'{self.folder} holds {what} of other settings, '
                f'{path.read_text(encoding="utf-8")}; repeat that command, remove the '
                'folder, or write to another file'
            )
        write_atomically(path, content)

    def read(self, kind: str) -> dict[str, Any]:
        """Reads finished results by name.

        A line that was cut off, or damaged by a crash of the machine, does not count:
        its result is made again.

        Args:
            kind: Which results.
        """
        path = self.folder / f'{kind}.jsonl'
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

    def append(self, kind: str, results: Mapping[str, Any]) -> None:
        """Adds results.

        Args:
            kind: Which results.
            results: By name, as JSON can hold them.
        """
        lines = ''.join(json.dumps(pair) + '\n' for pair in results.items())
        with (self.folder / f'{kind}.jsonl').open('a', encoding='utf-8') as file:
            file.write(lines)

    def remove(self) -> None:
        """Removes the folder, once the file is written."""
        shutil.rmtree(self.folder)


def settings_of(args: argparse.Namespace, without: Collection[str]) -> dict[str, str]:
    """Makes settings of a command line, for `ProgressFolder`.

    Args:
        args: The command line.
        without: Names of arguments that change no result.

    Returns:
        The values of all others, as text.
    """
    return {
        name: str(value) for name, value in vars(args).items() if name not in without
    }
