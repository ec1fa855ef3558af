"""Commands that train and test a config."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

KINDS = ('none', 'pytorch', 'slurm')
GPUS_OF_A_NODE = 8


class RunFailedError(RuntimeError):
    """A process of a run failed."""


@dataclass(frozen=True)
class Launcher:
    """Starts ``tools/train.py`` and ``tools/test.py``.

    Attributes:
        scripts: Folder of the tools.
        kind: One of ``KINDS``: one process, torchrun, or slurm.
        gpus: Number of GPUs; None is the recipe's. Another number than the recipe's
            changes the effective batch, and the learning rate in the same proportion
            (``--auto-scale-lr``).
        partition: Slurm's partition.
        threads: CPU threads of each process.
    """

    scripts: Path
    kind: str = 'none'
    gpus: int | None = None
    partition: str = ''
    threads: int = 1

    def train(self, config: Path, work_dir: Path, recipe: int = 1) -> list[str]:
        """Command that trains, or goes on with it.

        Args:
            config: The config.
            work_dir: Its work dir.
            recipe: Number of GPUs that the config's learning rate belongs to.
        """
        scale = ['--auto-scale-lr'] if self.scales(recipe) else []
        return self._command(
            'train', work_dir, recipe, [str(config)], '--resume', *scale
        )

    def test(
        self,
        config: Path,
        checkpoint: Path,
        work_dir: Path,
        recipe: int = 1,
        tta: bool = False,
    ) -> list[str]:
        """Command that tests a checkpoint."""
        files = [str(config), str(checkpoint)]
        return self._command('test', work_dir, recipe, files, *['--tta'] * tta)

    def count(self, recipe: int) -> int:
        """Number of GPUs, or of processes, that train a config."""
        return 1 if self.kind == 'none' else self.gpus or recipe

    def scales(self, recipe: int) -> bool:
        """Tells whether the learning rate is scaled to another number of GPUs."""
        return self.count(recipe) != recipe

    def environment(self) -> dict[str, str]:
        """Environment variables of the processes; what is set already stays.

        GNU's OpenMP threads would otherwise spin while they wait, which takes the cores
        from the other processes.
        """
        settings = dict(OMP_NUM_THREADS=str(self.threads))
        # A spin count would overrule the user's policy.
        if 'OMP_WAIT_POLICY' not in os.environ:
            settings['GOMP_SPINCOUNT'] = '5000'
        # The scripts call plain `python`.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])
        return {**settings, **os.environ, 'PATH': path}

    def call(self, command: list[str], log: Path, lock: int) -> None:
        """Runs a command.

        Args:
            command: The command.
            log: File that its output is appended to.
            lock: Descriptor of a locked file, which stays locked as long as the
                process lives, also after this one was killed.

        Raises:
            RunFailedError: It failed.
        """
        with log.open('ab') as output:
            output.write(f'$ {self.describe(command)}\n'.encode())
            output.flush()
            done = subprocess.run(
                command,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                check=False,
            )
        if done.returncode:
            last = log.read_text(errors='replace').rstrip().splitlines()[-1]
            raise RunFailedError(f'{log.parent.name} failed, see {log}: {last}')

    def describe(self, command: list[str]) -> str:
        """A command as one would type it."""
        words = ['python' if word == sys.executable else word for word in command]
        return shlex.join(map(_relative, words))

    def _command(
        self, name: str, work_dir: Path, recipe: int, files: list[str], *options: str
    ) -> list[str]:
        gpus = str(self.count(recipe))
        options = ('--work-dir', str(work_dir), *options)
        if self.kind == 'none':
            return [sys.executable, str(self.scripts / f'{name}.py'), *files, *options]
        if self.kind == 'pytorch':
            script = str(self.scripts / f'dist_{name}.sh')
            return ['bash', script, *files, gpus, *options]
        script = str(self.scripts / f'slurm_{name}.sh')
        node = str(min(int(gpus), GPUS_OF_A_NODE))
        return [
            *('env', f'GPUS={gpus}', f'GPUS_PER_NODE={node}', 'bash', script),
            *(self.partition, work_dir.name, *files, *options),
        ]


def _relative(word: str) -> str:
    path = Path(word)
    return os.path.relpath(path) if path.is_absolute() else word
