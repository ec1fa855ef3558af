"""Several trainings, side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from threading import Event

from .study_run import StudyRun


def train_runs(runs: Sequence[StudyRun], processes: int = 1) -> None:
    """Completes the runs that have no result, some at a time, and says how it goes.

    Args:
        runs: All runs of a study.
        processes: How many share the cores.

    Raises:
        SystemExit: A run failed. Those under way end first; the others do not start.
    """
    missing = [run for run in runs if run.result is None]
    threads = max(1, (os.cpu_count() or 1) // processes)
    environment = {'OMP_NUM_THREADS': str(threads), **os.environ}
    print(f'{len(runs)} runs, {len(missing)} to train', flush=True)
    start = time.monotonic()
    failed = Event()
    # Threads only wait for the processes that train.
    with ThreadPoolExecutor(processes) as pool:
        waiting = {
            pool.submit(_complete, run, environment, failed): run for run in missing
        }
        for number, future in enumerate(as_completed(waiting), start=1):
            if isinstance(future.exception(), CancelledError):
                continue  # another run failed, and says why
            result = future.result()
            figures = ', '.join(f'{k} {value:.4g}' for k, value in result.items())
            minutes = (time.monotonic() - start) / 60
            left = minutes / number * (len(missing) - number)
            print(
                f'{number}/{len(missing)} {waiting[future].name}: {figures} '
                f'({minutes:.0f} min, {left:.0f} min left)',
                flush=True,
            )


def _complete(
    run: StudyRun, environment: Mapping[str, str], failed: Event
) -> dict[str, float]:
    """Complete a run; after a failure there is nothing to start any more."""
    if failed.is_set():
        raise CancelledError
    try:
        return run.complete(environment)
    except BaseException:
        failed.set()
        raise
