"""What the scripts of studies are asked."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_study_arguments(parser: argparse.ArgumentParser, work_dir: str) -> None:
    """Adds ``--work-dir``, ``--seeds`` and ``--processes``.

    Args:
        parser: The script's.
        work_dir: Where a study goes by default.
    """
    parser.add_argument('--work-dir', type=Path, default=Path(work_dir))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--processes', type=int, default=1, help='runs side by side')


def add_data_arguments(parser: argparse.ArgumentParser, data: str) -> None:
    """Adds ``--data``, ``--num-train`` and ``--num-val`` of the mini world.

    Args:
        parser: The script's.
        data: Its folder by default.
    """
    parser.add_argument(
        '--data', type=Path, default=Path(data), help='drawn if missing'
    )
    parser.add_argument('--num-train', type=int, default=4000, help='training scenes')
    parser.add_argument('--num-val', type=int, default=300, help='validation scenes')
