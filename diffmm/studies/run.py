"""One training of a study."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from ..utils.atomic import write_atomically
from ..utils.scalars import reached_step, read_scalars, read_test_scalars
from .launcher import Launcher, RunFailedError
from .run_record import RunRecord
from .settings import map_strings, place, write_settings


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
    printed and ``run.json`` the record, with the hash, the number of GPUs and the
    figures. What the record has is never computed again; a training that was
    interrupted goes on at its last checkpoint. Only one process at a time works in the
    folder; a second one waits.

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
        self.record = RunRecord(self.folder, settings)
        self.record.check()

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
    def hash(self) -> str:
        """Hash of the settings."""
        return self.record.hash

    @property
    def figures(self) -> dict[str, float]:
        """The noted figures, by the labels of measures."""
        return self.record.read().get('figures', {})

    @property
    def is_done(self) -> bool:
        """Tells whether every measure is noted; of a run without any, if it trained."""
        if not self.measures:
            return reached_step(self.folder) == self.length
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

    @property
    def gpus_used(self) -> int | None:
        """Number of GPUs that it was trained on; None if it was not."""
        return self.record.read().get('gpus')

    def commands(self, launcher: Launcher) -> Iterator[list[str]]:
        """All commands that the run consists of."""
        yield launcher.train(self.config, self.folder, self.gpus)
        for measure in self.measures:
            if measure.test or measure.tta:
                yield self._test_command(measure, launcher)

    def complete(
        self, launcher: Launcher, failed: Event | None = None
    ) -> dict[str, float]:
        """Trains, or goes on with it, tests and notes the figures.

        Args:
            launcher: Starts the processes.
            failed: Set when this run fails. Once it is set, no run starts.

        Returns:
            The figures.

        Raises:
            RunFailedError: Training or a test failed.
            CancelledError: Another run failed first.
            StudyError: The folder holds a run of other settings.
        """
        failed = failed or Event()
        if self.before is not None:
            self.before.complete(launcher, failed)
        with self._lock() as lock:
            if failed.is_set():
                raise CancelledError
            try:
                return self._complete(launcher, lock)
            except BaseException:
                # Before the lock opens: who waits for it must not start this run again.
                failed.set()
                raise

    def _complete(self, launcher: Launcher, lock: int) -> dict[str, float]:
        # Another study may have begun here meanwhile.
        self.record.check()
        self.check_gpus(launcher)
        if self.is_done:
            return self.figures
        self._write_configs(launcher)
        # An interrupted validation is made up for before the next checkpoint takes
        # this one's place.
        step = reached_step(self.folder)
        self._note(launcher, lock, {step})
        if step != self.length:
            command = launcher.train(self.config, self.folder, self.gpus)
            launcher.call(command, self.log, lock)
        self._note(launcher, lock, {self._step(m) for m in self.measures})
        if not self.is_done:
            missing = {m.label for m in self.measures} - self.figures.keys()
            raise RunFailedError(f'{self.folder} has no {", ".join(sorted(missing))}')
        return self.figures

    def check_gpus(self, launcher: Launcher) -> None:
        """Checks that the launcher's GPUs fit what was trained, and the config.

        Raises:
            StudyError: They do not.
        """
        self.record.check_gpus(launcher, self.gpus)

    def _note(self, launcher: Launcher, lock: int, steps: set) -> None:
        """Notes the measures of some steps."""
        for measure in self.measures:
            if measure.label not in self.figures and self._step(measure) in steps:
                value = self._measure(measure, launcher, lock)
                self.record.write(figures={**self.figures, measure.label: value})

    def _measure(self, measure: Measure, launcher: Launcher, lock: int) -> float:
        """Reads a figure from the training's log, or else tests the checkpoint."""
        step = self._step(measure)
        if not measure.test and not measure.tta:
            logged = self._logged(measure.key)
            if step in logged:
                return logged[step]
        folder = self._test_folder(measure)
        try:
            figures = read_test_scalars(folder)
        except FileNotFoundError:
            checkpoint = self._checkpoint(step)
            if not checkpoint.is_file():
                raise RunFailedError(
                    f'{measure.label}: {checkpoint} is gone; keep it with '
                    'default_hooks.checkpoint.max_keep_ckpts=-1'
                ) from None
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

    def _write_configs(self, launcher: Launcher) -> None:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        own = dict(self.settings)
        if self.before is not None:
            own['load_from'] = str(self.before.last_checkpoint)
        for name, settings in {'run': own, **self.tests}.items():
            text = write_settings(map_strings(settings, self.place))
            write_atomically(self.config.with_name(f'{name}.py'), text.encode())
        self.record.write(
            figures=self.figures,
            gpus=launcher.count(self.gpus),
            auto_scale_lr=launcher.scales(self.gpus),
        )

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
