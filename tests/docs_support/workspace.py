"""A copy of the repository in which the documentation's blocks run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Results stay out of the repository, and the environment is used where it is.
LEFT_OUT = {'.git', '.venv', 'data', 'work_dirs', 'build', '.pytest_cache'}


class Workspace:
    """A folder that looks like the repository and takes what blocks write.

    Its entries are links to the repository's, so that ``data/`` and ``work_dirs/`` are
    the only things a block creates.

    Args:
        root: The repository.
        folder: An empty folder.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        for entry in root.iterdir():
            if entry.name not in LEFT_OUT:
                (folder / entry.name).symlink_to(entry)

    def run_shell(self, text: str, timeout: float) -> str:
        """Runs a shell block; a ``$ `` prompt before a command is left out.

        Returns:
            What it prints, without its errors.

        Raises:
            AssertionError: If a command fails or a variable is not set.
        """
        lines = [line.removeprefix('$ ') for line in text.splitlines()]
        return self._run(['bash', '-euo', 'pipefail', '-c', '\n'.join(lines)], timeout)

    def run_python(self, text: str, timeout: float) -> str:
        """Runs a Python block in a process of its own.

        Returns:
            What it prints, without its errors.

        Raises:
            AssertionError: If it raises.
        """
        return self._run([sys.executable, '-c', text], timeout)

    def _run(self, command: list[str], timeout: float) -> str:
        binaries = str(Path(sys.executable).parent)
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **os.environ,
                'PATH': os.pathsep.join([binaries, os.environ['PATH']]),
                'PYTHONPATH': str(self.folder),
            },
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert result.returncode == 0, (
            f'status {result.returncode}\n{result.stdout[-4000:]}\n'
            f'{result.stderr[-4000:]}'
        )
        return result.stdout
