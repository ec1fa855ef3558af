"""Exact peak memory of a function call, counted at the allocator."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

# The number the profiler's trace uses for host memory (c10::DeviceType::CPU).
_HOST_DEVICE_TYPE = 0


def measure_memory_rise(function: Callable[[], Any], device: torch.device) -> int:
    """Return how far live memory rises above its level before the call.

    What the function returns is kept alive until the measurement ends, so it counts.
    On a CUDA device the number is ``max_memory_allocated`` minus the memory allocated
    before. On the CPU every allocation and release of PyTorch's allocator is read from
    a profiler trace; the result is exact to the byte and, unlike the resident set size,
    knows neither page rounding nor what the C library keeps for later. Scratch space
    that oneDNN or OpenMP take from the system directly is not seen.

    Args:
        function: What to measure. Call it once beforehand if its first call builds
            caches.
        device: The device on which the function computes.

    Returns:
        Bytes, never negative.

    Raises:
        ValueError: If the device is neither a CPU nor a CUDA device.
    """
    if device.type == 'cuda':
        return _measure_cuda(function, device)
    if device.type == 'cpu':
        return _measure_cpu(function)
    raise ValueError(
        f'cannot measure memory on device {str(device)!r}: use "cpu" or "cuda"'
    )


def tensor_bytes(tensors: Iterable[torch.Tensor]) -> int:
    """Return the bytes of the tensors' storages, each shared storage counted once."""
    storages = {}
    for tensor in tensors:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def _measure_cuda(function: Callable[[], Any], device: torch.device) -> int:
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    result = function()
    torch.cuda.synchronize(device)
    rise = torch.cuda.max_memory_allocated(device) - before
    del result
    return rise


def _measure_cpu(function: Callable[[], Any]) -> int:
    with warnings.catch_warnings():
        # There is only one cycle, so none of its events are cleared.
        warnings.filterwarnings('ignore', '.*Profiler clears events')
        profiler = profile(activities=[ProfilerActivity.CPU], profile_memory=True)
        with profiler:
            result = function()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / 'trace.json'
        profiler.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text())['traceEvents']
    del result
    return _highest_level(events)


def _highest_level(events: list[dict]) -> int:
    """Return the highest running sum of the host allocations in a chrome trace."""
    changes = [
        (event['ts'], event['args']['Ev Idx'], event['args']['Bytes'])
        for event in events
        if event.get('name') == '[memory]'
        and event['args']['Device Type'] == _HOST_DEVICE_TYPE
    ]
    level = highest = 0
    for _, _, change in sorted(changes):
        level += change
        highest = max(highest, level)
    return highest
