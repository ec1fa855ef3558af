"""The rates at which this processor multiplies matrices and convolves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from ..diffusion.onednn_product import is_onednn_faster, multiply

# Side of the matrices, and channels and side of the maps: large enough for the caches
# not to hold everything, and a second of work on one slow core.
_MATRIX = 2048
_CHANNELS, _SIDE = 320, 64
# Where a processor lacks the instructions for a data type, a product of all rows may
# take a minute. So few are timed first, then twice as many, until one takes this long.
_FEW_ROWS, _LONG_SECONDS = 64, 0.5


class MachineRate(NamedTuple):
    """Operations a second, a multiply-add counting twice.

    Attributes:
        matrix: Of products of matrices, by the library that DiffMM takes.
        convolution: Of 3x3 convolutions, channels last.
    """

    matrix: float
    convolution: float


def measure_rate(dtype: torch.dtype, repeats: int = 5) -> MachineRate:
    """Measures the rates of the CPU, by processor time of this process's threads.

    Args:
        dtype: Data type of the operands.
        repeats: Timed runs, of which the fastest counts.

    Returns:
        The rates. A product that takes long has fewer rows.
    """
    left, right = torch.randn(2, _MATRIX, _MATRIX).to(dtype)
    image = torch.randn(1, _CHANNELS, _SIDE, _SIDE).to(dtype)
    weight = torch.randn(_CHANNELS, _CHANNELS, 3, 3).to(dtype)
    image, weight = (
        each.to(memory_format=torch.channels_last) for each in (image, weight)
    )
    with torch.no_grad():
        faster = is_onednn_faster(left, right, None, _MATRIX)
        product = multiply if faster else torch.mm
        rows = _affordable_rows(lambda rows: product(left[:rows], right))
        matrix = processor_seconds(lambda: product(left[:rows], right), repeats)
        convolution = processor_seconds(
            lambda: F.conv2d(image, weight, padding=1), repeats
        )
    return MachineRate(
        2 * rows * _MATRIX**2 / min(matrix),
        2 * 9 * _CHANNELS**2 * _SIDE**2 / min(convolution),
    )


def _affordable_rows(product: Callable[[int], Any]) -> int:
    rows = min(_FEW_ROWS, _MATRIX)
    product(rows)  # the first one of a process starts its threads
    while rows < _MATRIX:
        started = time.process_time()
        product(rows)
        if time.process_time() - started > _LONG_SECONDS:
            break
        rows = min(2 * rows, _MATRIX)
    return rows


def processor_seconds(function: Callable[[], Any], repeats: int) -> list[float]:
    """Times a function by the processor seconds of all threads.

    Other programs on the machine disturb them less than the wall time.

    Args:
        function: What to time. It first runs once untimed.
        repeats: Timed runs.

    Returns:
        The seconds of each.
    """
    function()
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        function()
        seconds.append(time.process_time() - started)
    return seconds
