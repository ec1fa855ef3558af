"""Reading what a training run logged."""

from __future__ import annotations

import json
from pathlib import Path


def read_scalars(work_dir: str | Path, key: str) -> dict[int, float]:
    """Reads one quantity of all runs in a work dir.

    Args:
        work_dir: Folder that MMEngine's ``LocalVisBackend`` wrote to.
        key: Name of the quantity, such as ``'mIoU'`` or ``'loss'``.

    Returns:
        Values by step; of a step that ran twice, the later.

    Raises:
        FileNotFoundError: The folder holds no log.
    """
    logs = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not logs:
        raise FileNotFoundError(f'no */vis_data/scalars.json in {work_dir}')
    found = {}
    for log in logs:
        for line in log.read_text().splitlines():
            record = json.loads(line)
            if key in record:
                found[record['step']] = record[key]
    return found


def read_test_scalars(work_dir: str | Path) -> dict[str, float]:
    """Reads what the last test in a work dir measured.

    Args:
        work_dir: Folder that ``tools/test.py`` was given.

    Returns:
        The figures by their names.

    Raises:
        FileNotFoundError: No test has ended there.
    """
    logs = sorted(Path(work_dir).glob('*/*.json'))
    if not logs:
        raise FileNotFoundError(f'no test has ended in {work_dir}: no */*.json there')
    return json.loads(logs[-1].read_text())
