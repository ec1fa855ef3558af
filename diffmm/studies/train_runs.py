"""Several trainings, side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import (
    CancelledError,
    Future,
    ThreadPoolExecutor,
    as_completed,
)
from threading import Event

from .launcher import Launcher
from .run import Run


def train_runs(runs: Sequence[Run], launcher: Launcher, processes: int = 1) -> None:
    """Completes the runs that have no result, some at a time, and says how it goes.

    Args:
        runs: All runs of a study; a run that others start from stands before them.
        launcher: Starts the processes.
        processes: How many runs share the machine.

    Raises:
        RunFailedError: A run failed. Those under way end first; the others do not
            start. The same after a KeyboardInterrupt.
    """
    missing = [run for run in runs if not run.is_done]
    print(f'{len(runs)} runs, {len(missing)} to train', flush=True)
    start = time.monotonic()
    failed = Event()
    # Threads only wait for the processes that train.
    with ThreadPoolExecutor(processes) as pool:
        waiting = {
            pool.submit(_complete, run, launcher, failed): run for run in missing
        }
        try:
            _report(waiting, start)
        except KeyboardInterrupt:
            # A terminal interrupts the trainings, too; `kill -INT` only this process.
            failed.set()
            print('interrupted: no other run starts, those under way end', flush=True)
            raise


def _report(waiting: Mapping[Future, Run], start: float) -> None:
    """Prints a line for every run that ends."""
    for number, future in enumerate(as_completed(waiting), start=1):
        if isinstance(future.exception(), CancelledError):
            continue  # another run failed, and says why
        figures = ', '.join(f'{k} {v:.4g}' for k, v in future.result().items())
        minutes = (time.monotonic() - start) / 60
        left = minutes / number * (len(waiting) - number)
        print(
            f'{number}/{len(waiting)} {waiting[future].name}: {figures} '
            f'({minutes:.1f} min, {left:.0f} min left)',
            flush=True,
        )


def _complete(run: Run, launcher: Launcher, failed: Event) -> dict[str, float]:
    """Completes a run; after a failure there is nothing to start any more."""
    if failed.is_set():
        raise CancelledError
    try:
        return run.complete(launcher, failed)
    except BaseException:
        failed.set()
        raise
