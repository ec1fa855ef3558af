"""Reading what a training run logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path


def read_scalars(work_dir: str | Path, key: str) -> dict[int, float]:
    """Reads one quantity of all runs in a work dir.

    Args:
        work_dir: Folder that MMEngine's ``LocalVisBackend`` wrote to.
        key: Name of the quantity, such as ``'mIoU'`` or ``'loss'``.

    Returns:
        Values by step; of a step that ran twice, the later. A last line that a killed
        run left unfinished is skipped.

    Raises:
        FileNotFoundError: The folder holds no log.
        ValueError: A line before the last is no JSON.
    """
    logs = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not logs:
        raise FileNotFoundError(f'no */vis_data/scalars.json in {work_dir}')
    found = {}
    for log in logs:
        for record in _read_lines(log):
            if key in record:
                found[record['step']] = record[key]
    return found


def _read_lines(log: Path) -> Iterator[dict]:
    """Records of a log; only the last line may be torn."""
    lines = log.read_text(errors='replace').splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            if number < len(lines):
                raise ValueError(
                    f'{log}, line {number} is no JSON ({error}): remove the line'
                ) from error


def read_test_scalars(work_dir: str | Path) -> dict[str, float]:
    """Reads what the last test in a work dir measured.

    Args:
        work_dir: Folder that ``tools/test.py`` was given.

    Returns:
        The figures by their names.

    Raises:
        FileNotFoundError: No test has ended there; a file that a killed test left
            unfinished does not count.
    """
    for log in sorted(Path(work_dir).glob('*/*.json'), reverse=True):
        try:
            return json.loads(log.read_text())
        except json.JSONDecodeError:
            continue
    raise FileNotFoundError(f'no test has ended in {work_dir}: no */*.json there')


def reached_step(work_dir: str | Path) -> int | None:
    """Reads how far a training in a work dir has come.

    MMEngine names a checkpoint only after it was written whole.

    Args:
        work_dir: Folder of the training.

    Returns:
        Iteration or epoch of the last checkpoint; None if there is none.
    """
    note = Path(work_dir) / 'last_checkpoint'
    if not note.is_file():
        return None
    return int(Path(note.read_text().strip()).stem.rpartition('_')[2])
