"""Results of long work, kept as they come."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from .atomic import write_atomically
from .result_lines import append_results, read_results


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

        Args:
            kind: Which results.
        """
        return read_results(self.folder / f'{kind}.jsonl')

    def append(self, kind: str, results: Mapping[str, Any]) -> None:
        """Adds results.

        Args:
            kind: Which results.
            results: By name, as JSON can hold them.
        """
        append_results(self.folder / f'{kind}.jsonl', results)

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
