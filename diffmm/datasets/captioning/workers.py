"""Captioners in one process or several."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch

from .captioner import Captioner
from .pictures import open_picture

Batch = Sequence[tuple[str, Path]]
Result = tuple[dict[str, str], list[str]]


@dataclass(frozen=True)
class CaptionerSettings:
    """Settings of captioning.

    Attributes:
        model: As for `Captioner`.
        min_new_tokens: Fewest tokens.
        max_new_tokens: Most tokens.
        cleaning: What cleans the captions, '' for nothing.
    """

    model: str
    min_new_tokens: int
    max_new_tokens: int
    cleaning: str = ''


class _Worker:
    """A process's captioner of batches; it loads the model with the first."""

    def __init__(self, settings: CaptionerSettings, device: str) -> None:
        self.settings = settings
        self.device = device
        self._captioner: Captioner | None = None

    def __call__(self, batch: Batch) -> Result:
        """Captions of the pictures that can be read, and messages about the others."""
        if self._captioner is None:
            self._captioner = Captioner(
                self.settings.model,
                self.device,
                self.settings.min_new_tokens,
                self.settings.max_new_tokens,
            )
        pictures, problems = {}, []
        for name, path in batch:
            try:
                pictures[name] = open_picture(path)
            except ValueError as error:
                problems.append(str(error))
        if not pictures:
            return {}, problems
        texts = self._captioner(list(pictures.values()))
        captions = dict(zip(pictures, texts, strict=True))
        problems += [
            f'{path} got an empty caption: ask for words with min_new_tokens'
            for name, path in batch
            if not captions.get(name, path)
        ]
        return {name: text for name, text in captions.items() if text}, problems


# That of this process, if it is one of several.
_worker: _Worker | None = None


def describe(
    batches: Sequence[Batch], settings: CaptionerSettings, processes: int, device: str
) -> Iterator[Result]:
    """Captions batches and gives them back as soon as they are ready.

    Args:
        batches: Names and files of the pictures that a process describes at once.
        settings: Model and lengths.
        processes: Number of processes, each with the model. On ``'cuda'`` they take
            turns on the GPUs.
        device: ``'cpu'``, ``'cuda'`` or one GPU such as ``'cuda:0'``.

    Yields:
        Of a batch the captions by name, and a message for each picture that could not
        be read, or got an empty caption.

    Raises:
        CaptionerError: The model cannot be used.
    """
    if processes == 1 or len(batches) < 2:
        yield from map(_Worker(settings, device), batches)
        return
    context = multiprocessing.get_context('spawn')
    number = context.Value('i', 0)
    threads = max(1, torch.get_num_threads() // processes)
    pool = ProcessPoolExecutor(
        processes, context, _start_worker, (number, threads, settings, device)
    )
    try:
        queue = iter(batches)
        running = {pool.submit(_work, batch) for batch in islice(queue, 2 * processes)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                running |= {pool.submit(_work, batch) for batch in islice(queue, 1)}
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(number, threads: int, settings: CaptionerSettings, device: str):
    global _worker
    torch.set_num_threads(threads)
    if device == 'cuda':
        with number.get_lock():
            device = f'cuda:{number.value % max(1, torch.cuda.device_count())}'
            number.value += 1
    _worker = _Worker(settings, device)


def _work(batch: Batch) -> Result:
    return _worker(batch)
