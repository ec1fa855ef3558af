"""Work on scenes in several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import cv2

Batch = TypeVar('Batch')
Result = TypeVar('Result')


def run_batches(
    jobs: Sequence[tuple[Callable[[Batch], Result], Batch]], workers: int = 1
) -> Iterator[Result]:
    """Calls functions, in this process or in several.

    OpenCV uses one thread meanwhile. After an error, or when the caller stops, what has
    not begun is dropped.

    Args:
        jobs: Functions that can be pickled, each with its argument.
        workers: Number of processes; 1 starts none.

    Yields:
        What each call returns; with several processes in the order of completion.
    """
    run = _run_parallel if workers > 1 else _run_here
    yield from run(jobs, workers)


def _run_here(jobs: Sequence[tuple], workers: int) -> Iterator:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(0)
    try:
        for job, batch in jobs:
            yield job(batch)
    finally:
        cv2.setNumThreads(threads)


def _run_parallel(jobs: Sequence[tuple], workers: int) -> Iterator:
    # Forked workers start at once. Some systems can only spawn.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context('fork' if 'fork' in methods else 'spawn')
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=cv2.setNumThreads, initargs=(0,)
    )
    try:
        futures = [executor.submit(job, batch) for job, batch in jobs]
        for future in as_completed(futures):
            yield future.result()
    finally:
        executor.shutdown(cancel_futures=True)
