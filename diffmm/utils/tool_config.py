"""Command line and config handling of ``tools/train.py`` and ``tools/test.py``."""

from __future__ import annotations

import argparse
import difflib
import inspect
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.registry import OPTIMIZERS, RUNNERS
from mmengine.runner import FlexibleRunner, Runner

from .command_line import UserError, one_line
from .compiler import check_compiler
from .data_check import check_data_of
from .host_import import HOST_EXTRAS, require_host
from .nested import walk

LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')
# The variable in which each numbers its processes, and what starts them.
_STARTS = {
    'pytorch': ('RANK', 'tools/dist_train.sh or tools/dist_test.sh'),
    'slurm': ('SLURM_PROCID', 'tools/slurm_train.sh or tools/slurm_test.sh'),
    'mpi': ('OMPI_COMM_WORLD_LOCAL_RANK', 'mpirun'),
}
# Scores of mmseg's IoUMetric.
_IOU_METRICS = ('mIoU', 'mDice', 'mFscore')
# What MMEngine's runner reads of env_cfg.
_ENVIRONMENT = ('cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit')
# Entries that are read, though no argument of a runner has their name.
_FURTHER_KEYS = {
    'find_unused_parameters',
    'model_wrapper_cfg',
    'runner_type',
    'sync_bn',
    'test_pipeline',
    'tta_model',
    'tta_pipeline',
}


class KeyValueAction(DictAction):
    """MMEngine's ``--cfg-options``, which names a word that is no ``KEY=VALUE``."""

    def __call__(self, parser: Any, namespace: Any, values: Any, *args: Any) -> None:
        """Reads the words behind the option."""
        for word in values:
            key, equals, _ = word.partition('=')
            if not equals or not key:
                parser.error(f'--cfg-options: {word!r} is not KEY=VALUE')
        super().__call__(parser, namespace, values, *args)


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--cfg-options``, which `merge_options` takes.

    Args:
        parser: The script's parser, changed in place.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=KeyValueAction,
        metavar='KEY=VALUE',
        help='override entries of the config, such as model.backbone.timestep=10; '
        'a list is written key="[a,b]" or key=a,b, a nested one key="[(a,b),(c,d)]", '
        'quoted and without spaces',
    )


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments both scripts have.

    Args:
        parser: The script's parser, changed in place.
    """
    parser.add_argument(
        '--work-dir',
        help='where logs, checkpoints and results go (default: work_dirs/CONFIG-NAME)',
    )
    add_config_options(parser)
    parser.add_argument(
        '--launcher',
        choices=LAUNCHERS,
        default='none',
        help='what started the processes of a distributed job',
    )
    # torch.distributed.launch passes one spelling or the other, by its version.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def require_file(path: str, what: str) -> None:
    """Check that a file exists before anything heavy starts.

    Args:
        path: The path as the user gave it. Addresses with a scheme (``https://``,
            ``s3://``) are left to mmengine.
        what: What the file is, for the message.

    Raises:
        SystemExit: If there is no such file.
    """
    if '://' in path or Path(path).is_file():
        return
    if Path(path).is_dir():
        raise SystemExit(f'error: {what} {path!r} is a folder: give the file')
    raise SystemExit(f'error: {what} {path!r} does not exist (looked in {os.getcwd()})')


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and apply what the command line says about it.

    Args:
        args: Parsed arguments with ``config`` and those of
            :func:`add_common_arguments`.

    Returns:
        The config, with ``launcher`` and ``work_dir`` set. ``--work-dir`` goes before
        the config's own ``work_dir``, which goes before ``work_dirs/CONFIG-NAME``.

    Raises:
        SystemExit: If the config file does not exist, or its host library is missing.
        UserError: If the config cannot be read, or an option names no entry.
        ValueError: If the config compiles the model, and there is no compiler.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    require_file(args.config, 'config')
    try:
        cfg = Config.fromfile(args.config)
    except Exception as error:  # it runs the user's code
        raise UserError(
            f'the config {args.config} cannot be read ({one_line(error)})'
        ) from error
    if 'launcher' in (args.cfg_options or ()):
        raise UserError('--cfg-options launcher has no effect: give --launcher')
    merge_options(cfg, args.cfg_options)
    _check_host(cfg, args.config)
    _check_optimizer(cfg)
    _check_run(cfg)
    _check_iou_metrics(cfg)
    check_compiler(cfg.get('compile', False))
    cfg.launcher = args.launcher
    named = args.work_dir or cfg.get('work_dir')
    cfg.work_dir = named or str(Path('work_dirs') / Path(args.config).stem)
    return cfg


def merge_options(cfg: Config, options: Mapping[str, Any] | None) -> None:
    """Overrides entries of a config.

    Args:
        cfg: The config, changed in place.
        options: Values by dotted names; None for none.

    Raises:
        UserError: An option names no entry that the config or a runner knows. Deeper
            down, an unknown key is an unknown argument, which building refuses.
    """
    if not options:
        return
    known = set(cfg) | _FURTHER_KEYS
    for runner in (Runner, FlexibleRunner):
        known |= set(inspect.signature(runner.__init__).parameters)
    for name in options:
        first = name.partition('.')[0]
        if first not in known:
            close = difflib.get_close_matches(first, known, n=1)
            hint = f'; did you mean {close[0]!r}?' if close else ''
            raise UserError(
                f'--cfg-options {name}: the config has no entry {first!r}{hint}'
            )
    cfg.merge_from_dict(dict(options))


def _check_host(cfg: Config, name: str) -> None:
    """Names a missing host before MMEngine only misses one of its classes."""
    host = cfg.get('default_scope')
    if host in HOST_EXTRAS:
        try:
            require_host(host)
        except ImportError as error:
            raise SystemExit(f'error: {name} needs {error}') from error


def _check_optimizer(cfg: Config) -> None:
    """Names an unknown optimizer or a rate that is none; MMEngine says neither."""
    optimizer = (cfg.get('optim_wrapper') or {}).get('optimizer') or {}
    for name in ('lr', 'weight_decay'):
        value = optimizer.get(name, 0)
        if not isinstance(value, (int, float)) or not 0 <= value < float('inf'):
            raise UserError(
                f'optim_wrapper.optimizer.{name}={value!r} is no number from 0 on'
            )
    kind = optimizer.get('type')
    if not isinstance(kind, str):
        return
    with OPTIMIZERS.switch_scope_and_registry(cfg.get('default_scope')) as registry:
        if registry.get(kind) is None:
            close = difflib.get_close_matches(kind, list(OPTIMIZERS.module_dict), n=1)
            hint = f'; did you mean {close[0]!r}?' if close else ''
            raise UserError(
                f'optim_wrapper.optimizer.type={kind!r} is not registered{hint}'
            )


def _check_run(cfg: Config) -> None:
    """Names lengths, seeds and levels that are none, and what nothing reads.

    MMEngine divides by an interval of zero after the first steps, and trains nothing
    where the length is negative.
    """
    for name in ('max_iters', 'max_epochs', 'val_interval'):
        value = (cfg.get('train_cfg') or {}).get(name, 1)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or value < 1 or not float(value).is_integer():
            raise UserError(f'train_cfg.{name}={value!r} is no whole number from 1 on')
    seed = (cfg.get('randomness') or {}).get('seed')
    if seed is not None and not isinstance(seed, int):
        raise UserError(f'randomness.seed={seed!r} is no whole number')
    level = cfg.get('log_level', 'INFO')
    if not isinstance(level, int) and not isinstance(logging.getLevelName(level), int):
        raise UserError(f'log_level={level!r} is none of DEBUG, INFO, WARNING, ERROR')
    for name in cfg.get('env_cfg') or ():
        if name not in _ENVIRONMENT:
            raise UserError(
                f'env_cfg.{name} is read by nothing; env_cfg has '
                f'{", ".join(_ENVIRONMENT)}'
            )


def _check_iou_metrics(cfg: Config) -> None:
    """Names an unknown score, which ``IoUMetric`` would say after all pictures."""
    for evaluator in ('val_evaluator', 'test_evaluator'):
        for part in walk(cfg.get(evaluator)):
            wanted = part.get('iou_metrics') if isinstance(part, Mapping) else None
            for name in [wanted] if isinstance(wanted, str) else wanted or ():
                if name not in _IOU_METRICS:
                    raise UserError(
                        f'{evaluator}: iou_metrics={name!r} is none of '
                        f'{", ".join(_IOU_METRICS)}'
                    )


def build_runner(cfg: Config) -> Runner:
    """Build the runner that the config asks for.

    Args:
        cfg: A whole experiment. ``runner_type`` chooses another class than ``Runner``,
            for example ``FlexibleRunner``.

    Returns:
        The runner, which checks its data sets.

    Raises:
        UserError: The config has no model, or names a launcher that did not start this
            process.
    """
    if 'model' not in cfg and 'runner_type' not in cfg:
        raise UserError(f'{cfg.filename} has no entry "model", so it is no experiment')
    variable, script = _STARTS.get(cfg.get('launcher'), (None, None))
    if variable is not None and variable not in os.environ:
        raise UserError(
            f'--launcher {cfg.launcher}: {variable} is not set, so nothing has started '
            f'the processes; use {script}, or leave --launcher off'
        )
    runner = RUNNERS.build(cfg)
    check_data_of(runner)
    return runner
