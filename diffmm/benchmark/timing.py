"""Side-by-side timing of several functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from tqdm import tqdm


def time_interleaved(
    functions: Mapping[str, Callable[[], Any]],
    repeats: int,
    device: torch.device,
    prepare: Callable[[], Any] | None = None,
) -> dict[str, list[float]]:
    """Time functions in rounds, so that a slow phase of the machine hits all alike.

    Each function first runs once untimed. Every other round visits the functions in
    reverse order, which cancels a steady drift of the clock speed.

    Args:
        functions: What to time, by name.
        repeats: Number of rounds.
        device: The device to wait for before the clock starts and stops.
        prepare: Called untimed before every run, for example to drop gradients.

    Returns:
        Seconds per round for each name. Entries of one index belong to one round.

    Raises:
        ValueError: If ``repeats`` is below one.
    """
    if repeats < 1:
        raise ValueError(f'repeats must be at least 1, got {repeats}')
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    names = list(functions)
    with tqdm(total=len(names) * (repeats + 1), unit='run') as progress:
        for turn in range(repeats + 1):
            for name in names if turn % 2 == 0 else reversed(names):
                progress.set_description(name)
                if prepare is not None:
                    prepare()
                elapsed = _time_once(functions[name], device)
                if turn > 0:
                    seconds[name].append(elapsed)
                progress.update()
    return seconds


def _time_once(function: Callable[[], Any], device: torch.device) -> float:
    _synchronize(device)
    start = time.perf_counter()
    result = function()
    _synchronize(device)
    elapsed = time.perf_counter() - start
    del result  # released after the clock has stopped
    return elapsed


def _synchronize(device: torch.device) -> None:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
