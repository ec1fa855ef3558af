"""One training of a study."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..utils.atomic import write_atomically
from ..utils.scalars import read_scalars, read_test_scalars
from .launcher import Launcher, RunFailedError
from .settings import (
    differences,
    hash_settings,
    map_strings,
    place,
    used_settings,
    write_settings,
)
from .table import StudyError

RECORD = 'run.json'


@dataclass(frozen=True)
class Measure:
    """One figure that a run has to note.

    Attributes:
        key: Its name in the log.
        at: Share of the schedule after which it is read.
        tta: With test-time augmentation.
        test: Name of the test; '' is the validation in the training itself.
    """

    key: str
    at: float = 1.0
    tta: bool = False
    test: str = ''

    @property
    def label(self) -> str:
        """Its name in the run's record."""
        share = '' if self.at == 1 else f'@{self.at:g}'
        return f'{self.test and self.test + "/"}{self.key}{share}{"+tta" * self.tta}'


class Run:
    """A training, the tests of what it learned, and their results.

    It lives in a folder: ``configs/run.py`` is the config, ``train.log`` what was
    printed and ``run.json`` the record, with the hash and the figures. What the record
    has is never computed again; a training that was interrupted goes on at its last
    checkpoint. Only one process at a time works in the folder; a second one waits.

    Args:
        folder: The run's folder; its name is the run's.
        settings: The resolved config.
        measures: The figures to note.
        tests: Resolved configs of further tests, by name.
        paths: Beginnings of strings that stand for folders of this machine, and those
            folders. They do not enter the hash.
        gpus: Number of GPUs that the recipe's learning rate belongs to.
        before: Run that is trained first; this one starts at its last checkpoint.

    Raises:
        StudyError: The folder holds a run of other settings.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any],
        measures: Sequence[Measure],
        tests: Mapping[str, Mapping[str, Any]] | None = None,
        paths: Mapping[str, str] | None = None,
        gpus: int = 1,
        before: Run | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.measures = list(measures)
        self.tests = dict(tests or {})
        self.settings = settings
        self.paths = dict(paths or {})
        self.gpus = gpus
        self.before = before
        self.hash = hash_settings(settings)
        self._check_record()

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def config(self) -> Path:
        """The config that is trained."""
        # Apart from the work dir: the runner writes a copy with the file's name there.
        return self.folder / 'configs' / 'run.py'

    @property
    def log(self) -> Path:
        """The output of its processes."""
        return self.folder / 'train.log'

    @property
    def figures(self) -> dict[str, float]:
        """The noted figures, by the labels of measures."""
        return self._record().get('figures', {})

    @property
    def is_done(self) -> bool:
        """Tells whether every measure is noted; of a run without any, if it trained."""
        if not self.measures:
            # MMEngine names a checkpoint only after it was written whole.
            return self._reached() == self.length
        return {measure.label for measure in self.measures} <= self.figures.keys()

    @property
    def length(self) -> int:
        """Iterations, or epochs, of the training."""
        loop = self.settings['train_cfg']
        return loop['max_epochs' if self._by_epoch else 'max_iters']

    @property
    def last_checkpoint(self) -> Path:
        """File of the trained model."""
        return self._checkpoint(self.length)

    def commands(self, launcher: Launcher) -> Iterator[list[str]]:
        """All commands that the run consists of."""
        yield launcher.train(self.config, self.folder, self.gpus)
        for measure in self.measures:
            if measure.test or measure.tta:
                yield self._test_command(measure, launcher)

    def complete(self, launcher: Launcher) -> dict[str, float]:
        """Trains, or goes on with it, tests and notes the figures.

        Args:
            launcher: Starts the processes.

        Returns:
            The figures.

        Raises:
            RunFailedError: Training or a test failed.
        """
        if self.before is not None:
            self.before.complete(launcher)
        with self._lock() as lock:
            self._check_record()  # another study may have begun here meanwhile
            if self.is_done:
                return self.figures
            self._write_configs()
            # An interrupted validation is made up for before the next checkpoint
            # takes this one's place.
            step = self._reached()
            self._note(launcher, lock, {step})
            if step != self.length:
                command = launcher.train(self.config, self.folder, self.gpus)
                launcher.call(command, self.log, lock)
            self._note(launcher, lock, {self._step(m) for m in self.measures})
            if not self.is_done:
                missing = {m.label for m in self.measures} - self.figures.keys()
                raise RunFailedError(
                    f'{self.folder} has no {", ".join(sorted(missing))}'
                )
            return self.figures

    def _note(self, launcher: Launcher, lock: int, steps: set) -> None:
        """Notes the measures of some steps."""
        for measure in self.measures:
            if measure.label not in self.figures and self._step(measure) in steps:
                value = self._measure(measure, launcher, lock)
                figures = {**self.figures, measure.label: value}
                self._write_record(figures)

    def _measure(self, measure: Measure, launcher: Launcher, lock: int) -> float:
        """Reads a figure from the training's log, or else tests the checkpoint."""
        step = self._step(measure)
        if not measure.test and not measure.tta:
            logged = self._logged(measure.key)
            if step in logged:
                return logged[step]
        folder = self._test_folder(measure)
        if not list(folder.glob('*/*.json')):
            checkpoint = self._checkpoint(step)
            if not checkpoint.is_file():
                raise RunFailedError(
                    f'{measure.label}: {checkpoint} is gone; keep it with '
                    'default_hooks.checkpoint.max_keep_ckpts=-1'
                )
            launcher.call(self._test_command(measure, launcher), self.log, lock)
        figures = read_test_scalars(folder)
        if measure.key not in figures:
            raise RunFailedError(
                f'the test has no figure {measure.key!r}, only: {", ".join(figures)}'
            )
        return figures[measure.key]

    def _logged(self, key: str) -> dict[int, float]:
        """Values by step, as far as the log counts steps as the training does."""
        logger = self.settings.get('default_hooks', {}).get('logger', {})
        if logger.get('log_metric_by_epoch', True) != self._by_epoch:
            return {}
        try:
            return read_scalars(self.folder, key)
        except FileNotFoundError:
            return {}

    def _test_command(self, measure: Measure, launcher: Launcher) -> list[str]:
        config = self.config.with_name(f'{measure.test or "run"}.py')
        checkpoint = self._checkpoint(self._step(measure))
        folder = self._test_folder(measure)
        return launcher.test(config, checkpoint, folder, self.gpus, measure.tta)

    def _test_folder(self, measure: Measure) -> Path:
        kind = f'{measure.test or "run"}{"_tta" * measure.tta}'
        return self.folder / 'tests' / f'{kind}_{self._step(measure)}'

    @property
    def _by_epoch(self) -> bool:
        return 'max_epochs' in self.settings['train_cfg']

    def _step(self, measure: Measure) -> int:
        return round(measure.at * self.length)

    def _checkpoint(self, step: int) -> Path:
        return self.folder / f'{"epoch" if self._by_epoch else "iter"}_{step}.pth'

    def _reached(self) -> int | None:
        """Step of the last checkpoint."""
        file = self.folder / 'last_checkpoint'
        if not file.is_file():
            return None
        return int(Path(file.read_text().strip()).stem.rpartition('_')[2])

    def _record(self) -> dict[str, Any]:
        file = self.folder / RECORD
        return json.loads(file.read_text()) if file.is_file() else {}

    def _write_record(self, figures: Mapping[str, float]) -> None:
        record = dict(
            hash=self.hash, figures=figures, settings=used_settings(self.settings)
        )
        text = json.dumps(record, indent=1) + '\n'
        write_atomically(self.folder / RECORD, text.encode())

    def _check_record(self) -> None:
        record = self._record()
        if record and record['hash'] != self.hash:
            found = list(differences(used_settings(self.settings), record['settings']))
            raise StudyError(
                f'{self.folder} holds a run of other settings ({"; ".join(found[:3])}'
                f'{"; ..." * (len(found) > 3)}): remove it, or name another --work-dir'
            )

    def _write_configs(self) -> None:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        own = dict(self.settings)
        if self.before is not None:
            own['load_from'] = str(self.before.last_checkpoint)
        for name, settings in {'run': own, **self.tests}.items():
            text = write_settings(map_strings(settings, self.place))
            write_atomically(self.config.with_name(f'{name}.py'), text.encode())
        self._write_record(self.figures)

    def place(self, text: str) -> str:
        """Puts a folder of this machine in the place of its stand-in."""
        return place(text, self.paths)

    @contextmanager
    def _lock(self) -> Iterator[int]:
        """Keeps other processes out, also while those of a killed study still train."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / '.lock').open('w') as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f'{self.name}: another process trains it, waiting', flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file.fileno()
