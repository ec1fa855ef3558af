"""One training of a study."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..utils.atomic import write_atomically
from ..utils.scalars import read_scalars, read_test_scalars


class StudyRun:
    """A training, the tests of what it learned, and their results.

    It lives in a folder: ``configs/run.py`` is the config, ``train.log`` what was
    printed and ``result.json`` the result. A run with a result is never trained again;
    one that was interrupted goes on at its last checkpoint. Its processes start in the
    current folder, so relative paths of a config mean what they mean to
    ``tools/train.py``.

    Args:
        folder: The run's folder; its name is the run's.
        config: Text of the config.
        keys: What to note, as the log calls it, such as ``'mIoU'``: the value of the
            last validation.
        scripts: Folder of the scripts ``train.py`` and ``test.py``.
        controls: Configs, by their names, that the last checkpoint is also tested
            with. They are written beside ``run.py`` and may inherit from it.
            Their results are noted as ``<name>/<key>``.

    Raises:
        SystemExit: The folder holds a run of other settings.
    """

    def __init__(
        self,
        folder: Path,
        config: str,
        keys: tuple[str, ...],
        scripts: Path,
        controls: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.keys = keys
        self.controls = tuple(controls or ())
        self.scripts = scripts.resolve()
        # Apart from the work dir: the runner writes a copy with the file's name there.
        self.configs = self.folder / 'configs'
        self.configs.mkdir(parents=True, exist_ok=True)
        for name, text in {'run': config, **(controls or {})}.items():
            self._write_config(name, text)

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def result(self) -> dict[str, float] | None:
        """What it reached, if it is done."""
        file = self.folder / 'result.json'
        return json.loads(file.read_text()) if file.is_file() else None

    def complete(self, environment: Mapping[str, str]) -> dict[str, float]:
        """Trains, or goes on with it, tests and notes the result.

        Args:
            environment: Environment variables of the processes.

        Returns:
            The result.

        Raises:
            SystemExit: Training or a test failed.
        """
        self._call(environment, 'train.py', 'run.py', self.folder, '--resume')
        logged = {key: read_scalars(self.folder, key) for key in self.keys}
        if all(logged.values()):
            result = {key: _last(values) for key, values in logged.items()}
        else:
            # Stopped between its last checkpoint and the end of the validation.
            scores = self._test(environment, 'run')
            result = {key: scores[key] for key in self.keys}
        for name in self.controls:
            scores = self._test(environment, name)
            result |= {f'{name}/{key}': scores[key] for key in self.keys}
        text = json.dumps(result) + '\n'
        write_atomically(self.folder / 'result.json', text.encode())
        return result

    def _test(self, environment: Mapping[str, str], name: str) -> dict[str, float]:
        """Tests the last checkpoint with a config."""
        checkpoint = (self.folder / 'last_checkpoint').read_text().strip()
        work_dir = self.folder / 'tests' / name
        self._call(environment, 'test.py', f'{name}.py', work_dir, checkpoint)
        return read_test_scalars(work_dir)

    def _write_config(self, name: str, text: str) -> None:
        path = self.configs / f'{name}.py'
        if path.is_file() and path.read_text() != text:
            raise SystemExit(
                f'error: {path} holds a run of other settings; name another --work-dir'
            )
        write_atomically(path, text.encode())

    def _call(
        self,
        environment: Mapping[str, str],
        script: str,
        config: str,
        work_dir: Path,
        *args: str,
    ) -> None:
        config = str(self.configs / config)
        command = [sys.executable, str(self.scripts / script), config, *args]
        log = self.folder / 'train.log'
        with log.open('a') as output:
            done = subprocess.run(
                [*command, '--work-dir', str(work_dir)],
                env=dict(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise SystemExit(f'error: a run failed, see {log}')


def _last(values: Mapping[int, float]) -> float:
    """Value of the last step."""
    return values[max(values)]
