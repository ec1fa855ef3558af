"""The start of a run: a work dir for one training, and no trace of a wrong start."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import re
import shutil
import traceback
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.model import BaseTTAModel, is_model_wrapper
from mmengine.runner import Runner

from .command_line import UserError, one_line
from .nested import walk, walk_by_name
from .text_check import check_texts

LOCK = '.training.lock'
# Variables in which launchers number the processes of a job.
_RANKS = ('RANK', 'SLURM_PROCID', 'OMPI_COMM_WORLD_RANK')
# A disk, a quota or a limit of files that is exhausted.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Learned words that a checkpoint brings; the table of tokens takes them.
_BROUGHT_WORDS = ('.word_vectors', '.word_names')
# MMEngine's error of a type that no registry has.
_NOT_REGISTERED = re.compile(r'(\S+) is not in the ')
# What a wrong entry of a config raises while its parts are built.
_BUILD_ERRORS = (AssertionError, AttributeError, RuntimeError, TypeError)


class StartHook(Hook):
    """Checks what a run starts from, and notes that it has started.

    Texts are checked before weights are read. MMEngine only warns where a checkpoint
    lacks tensors of the model, or has others.

    Args:
        whole: Whether the checkpoint has to hold the whole model, as for a test. A
            training may start from a part, such as a backbone.
    """

    priority = 'HIGHEST'

    def __init__(self, whole: bool) -> None:
        self.whole = whole
        self.started = False

    def before_run(self, runner: Runner) -> None:
        """Checks the texts of all pictures.

        Args:
            runner: The runner.

        Raises:
            FileNotFoundError: As `check_texts`.
            ValueError: As `check_texts`.
        """
        check_texts(runner)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compares a checkpoint with the model.

        Args:
            runner: The runner.
            checkpoint: What its file holds.

        Raises:
            UserError: They do not fit.
        """
        if not isinstance(runner, Runner):
            # A FlexibleRunner's strategy may have divided the model.
            return
        model = runner.model
        while is_model_wrapper(model) or isinstance(model, BaseTTAModel):
            model = model.module
        found = checkpoint.get('state_dict', checkpoint)
        found = {name.removeprefix('module.'): value for name, value in found.items()}
        # Buffers may differ by intent: other class names, or words that files bring.
        wanted = dict(model.named_parameters())
        missing = [name for name in wanted if name not in found]
        if not self.whole and len(missing) < len(wanted):
            return
        strangers = sorted(set(found) - set(model.state_dict()))
        strangers = [name for name in strangers if not name.endswith(_BROUGHT_WORDS)]
        different = [
            name
            for name, value in wanted.items()
            if name in found and getattr(found[name], 'shape', None) != value.shape
        ]
        if missing or strangers or different:
            raise UserError(
                f'{runner._load_from} does not fit {runner.cfg.filename}: '
                f'{len(missing)} of {len(wanted)} tensors missing {missing[:2]}, '
                f'{len(different)} of another shape {different[:2]}, {len(strangers)} '
                f'unknown {strangers[:2]}; give the config that it was trained with'
            )

    def _before_iter(self, *args: object, **kwargs: object) -> None:
        self.started = True


@contextmanager
def untouched_until_start(cfg: Config, whole: bool = False) -> Iterator[StartHook]:
    """Leaves a work dir as it was if a run fails before its first batch.

    MMEngine makes a folder for the log and writes the config as soon as it is built,
    also where a checkpoint, a picture or an option then turns out to be wrong.

    Args:
        cfg: The experiment, with ``work_dir``.
        whole: As in `StartHook`.

    Yields:
        The hook to register with the runner.

    Raises:
        UserError: Something could not be built, the data do not exist, or the disk is
            full.
    """
    work_dir = Path(cfg.work_dir)
    missing = [each for each in (work_dir, *work_dir.parents) if not each.exists()]
    name = Path(cfg.filename).name if cfg.filename else None
    dump = None if name is None else work_dir / name
    before = dump.read_bytes() if dump is not None and dump.is_file() else None
    hook = StartHook(whole)
    try:
        yield hook
    except BaseException as error:
        # Other processes of the job have no log, and write nothing.
        logs = _close_logs(work_dir)
        if logs and not hook.started:
            for folder in logs:
                shutil.rmtree(folder, ignore_errors=True)
            if dump is not None and before is None:
                dump.unlink(missing_ok=True)
            elif dump is not None:
                dump.write_bytes(before)
            _remove_empty(missing)
        if isinstance(error, _BUILD_ERRORS) and not hook.started:
            # mmpose and mmsegmentation assert that their files are there.
            of_data = re.search('does not exist|`ann_file`', str(error))
            places = missing_data(cfg, error) if of_data else ''
            raise UserError(
                f'{cfg.filename}: {_built_part(error)}{one_line(error)}{places}'
            ) from error
        if isinstance(error, KeyError) and not hook.started:
            place = _unregistered(cfg, error)
            if place:
                raise UserError(f'{place}: {one_line(error)}') from error
        # A validation may come before the first batch of the training.
        if isinstance(error, FileNotFoundError):
            places = missing_data(cfg, error)
            if places:
                raise UserError(f'{one_line(error)}{places}') from error
        if isinstance(error, OSError) and error.errno in _FULL:
            _remove_torn(work_dir)
            raise UserError(
                f'{work_dir}: {os.strerror(error.errno)}. Make room; --resume goes on '
                'from the last whole checkpoint'
            ) from error
        raise


@contextmanager
def single_training(work_dir: Path) -> Iterator[None]:
    """Keeps a second training out of a work dir; a killed one leaves it free.

    Args:
        work_dir: The folder.

    Raises:
        UserError: Another training runs there.
    """
    rank = next((os.environ[key] for key in _RANKS if key in os.environ), '0')
    if rank != '0':
        yield
        return
    missing = [each for each in (work_dir, *work_dir.parents) if not each.exists()]
    work_dir.mkdir(parents=True, exist_ok=True)
    path = work_dir / LOCK
    with path.open('a+') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise UserError(
                f'{work_dir} belongs to a training that is running '
                f'({file.read().strip()}): wait for it, or give another --work-dir'
            ) from None
        except OSError:
            # Some network file systems have no locks.
            pass
        file.seek(0)
        file.truncate()
        file.write(f'process {os.getpid()} on {os.uname().nodename}')
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            _remove_empty(missing)


def _close_logs(work_dir: Path) -> list[Path]:
    """Closes the log files of this process below a folder; returns their folders."""
    folders = []
    for logger in list(MMLogger._instance_dict.values()):
        for handler in list(logger.handlers):
            if not isinstance(handler, logging.FileHandler):
                continue
            folder = Path(handler.baseFilename).parent
            if folder.is_relative_to(work_dir.resolve()):
                folders.append(folder)
                logger.removeHandler(handler)
                handler.close()
    return folders


def _remove_torn(work_dir: Path) -> None:
    """Removes a checkpoint that was not written to its end."""
    for path in work_dir.glob('*.pth'):
        if not zipfile.is_zipfile(path):
            path.unlink()


def _built_part(error: BaseException) -> str:
    """Names the part of a config that was being built when an error was raised."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        part = frame.f_locals.get('cfg')
        if frame.f_code.co_name == 'build_from_cfg' and isinstance(part, dict):
            kind = part.get('type', '')
            kind = getattr(kind, '__name__', str(kind))
            return '' if kind in str(error) else f'type={kind!r}: '
    return ''


def _unregistered(cfg: Config, error: KeyError) -> str:
    """Names the first entry of a config whose type a registry did not find."""
    found = _NOT_REGISTERED.match(str(error.args[0]) if error.args else '')
    if not found:
        return ''
    for name, part in walk_by_name(cfg.to_dict()):
        if isinstance(part, Mapping) and part.get('type') == found[1]:
            return f'{name}.type={found[1]!r}'
    return ''


def missing_data(cfg: Config, error: BaseException) -> str:
    """Names the entry of a data set whose file or folder does not exist.

    That is the first folder of data, or what the error speaks of.

    Args:
        cfg: The config.
        error: What building the data set raised.

    Returns:
        The entry and advice, to be put behind the error; empty if everything is there.
    """
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        for part in walk((cfg.get(name) or {}).get('dataset')):
            if not isinstance(part, Mapping):
                continue
            root = part.get('data_root') or ''
            advice = 'docs/datasets.md says how to draw or prepare each data set'
            if root and '://' not in str(root) and not Path(root).is_dir():
                return f'. {name}: data_root={str(root)!r} does not exist; {advice}'
            prefix = part.get('data_prefix') or {}
            entries = {f'data_prefix.{key}': each for key, each in prefix.items()}
            entries['ann_file'] = part.get('ann_file')
            for key, value in entries.items():
                if not value or not isinstance(value, (str, Path)):
                    continue
                path = Path(root, value)
                if str(path) in str(error) and not path.exists():
                    return (
                        f'. {name}: {key}={str(value)!r} does not exist below '
                        f'data_root={str(root)!r}; {advice}'
                    )
    return ''


def _remove_empty(folders: list[Path]) -> None:
    """Removes folders, inner ones first, as far as they are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
