"""Command line and config handling of ``tools/train.py`` and ``tools/test.py``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

from .host_import import HOST_EXTRAS, require_host

LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments both scripts have.

    Args:
        parser: The script's parser, changed in place.
    """
    parser.add_argument(
        '--work-dir',
        help='where logs, checkpoints and results go (default: work_dirs/CONFIG-NAME)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override entries of the config, such as model.backbone.timestep=10; '
        'a list is written key="[a,b]" or key=a,b, a nested one key="[(a,b),(c,d)]", '
        'quoted and without spaces',
    )
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
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    require_file(args.config, 'config')
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    _check_host(cfg, args.config)
    cfg.launcher = args.launcher
    named = args.work_dir or cfg.get('work_dir')
    cfg.work_dir = named or str(Path('work_dirs') / Path(args.config).stem)
    return cfg


def _check_host(cfg: Config, name: str) -> None:
    """Names a missing host before MMEngine only misses one of its classes."""
    host = cfg.get('default_scope')
    if host in HOST_EXTRAS:
        try:
            require_host(host)
        except ImportError as error:
            raise SystemExit(f'error: {name} needs {error}') from error


def build_runner(cfg: Config) -> Runner:
    """Build the runner that the config asks for.

    Args:
        cfg: A whole experiment. ``runner_type`` chooses another class than ``Runner``,
            for example ``FlexibleRunner``.

    Returns:
        The runner.
    """
    return RUNNERS.build(cfg)
