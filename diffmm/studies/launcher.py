"""Commands that train and test a config."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KINDS = ('none', 'pytorch', 'slurm')


@dataclass(frozen=True)
class Launcher:
    """Starts ``tools/train.py`` and ``tools/test.py``.

    Attributes:
        scripts: Folder of the tools.
        kind: One of ``KINDS``: in this process's place, by torchrun, or by slurm.
        gpus: Number of GPUs, for the last two.
        partition: Slurm's partition.
        threads: CPU threads of each process.
    """

    scripts: Path
    kind: str = 'none'
    gpus: int = 1
    partition: str = ''
    threads: int = 1

    def train(self, config: Path, work_dir: Path, *options: str) -> list[str]:
        """Command that trains, or goes on with it."""
        return self._command('train', work_dir, [str(config)], '--resume', *options)

    def test(
        self, config: Path, checkpoint: Path, work_dir: Path, *options: str
    ) -> list[str]:
        """Command that tests a checkpoint."""
        return self._command('test', work_dir, [str(config), str(checkpoint)], *options)

    def environment(self) -> dict[str, str]:
        """Environment variables of the processes; what is set already stays.

        GNU's OpenMP threads would otherwise spin while they wait, which takes the cores
        from the other processes.
        """
        settings = dict(GOMP_SPINCOUNT='5000', OMP_NUM_THREADS=str(self.threads))
        settings |= self._slurm_variables()
        # The scripts call plain `python`.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])
        return {**settings, **os.environ, 'PATH': path}

    def describe(self, command: list[str]) -> str:
        """A command as one would type it."""
        names = [f'{key}={value}' for key, value in self._slurm_variables().items()]
        words = ['python' if word == sys.executable else word for word in command]
        return ' '.join([*names, *map(_relative, words)])

    def _command(
        self, name: str, work_dir: Path, files: list[str], *options: str
    ) -> list[str]:
        options = ('--work-dir', str(work_dir), *options)
        if self.kind == 'none':
            return [sys.executable, str(self.scripts / f'{name}.py'), *files, *options]
        if self.kind == 'pytorch':
            script = str(self.scripts / f'dist_{name}.sh')
            return ['bash', script, *files, str(self.gpus), *options]
        script = str(self.scripts / f'slurm_{name}.sh')
        return ['bash', script, self.partition, work_dir.name, *files, *options]

    def _slurm_variables(self) -> Mapping[str, str]:
        if self.kind != 'slurm':
            return {}
        return dict(GPUS=str(self.gpus), GPUS_PER_NODE=str(min(self.gpus, 8)))


def _relative(word: str) -> str:
    path = Path(word)
    return os.path.relpath(path) if path.is_absolute() else word
