"""Two implementations side by side, each run in a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..models.precision import run_in_bfloat16, unet_precision
from ..utils.freed_memory import release_freed_memory
from ..utils.text_table import format_table

SIDES = ('reference', 'ours')
PASSES = ('forward', 'train')
_GIB = 1024**3
_HEADER = ('part', 'side', 'time s', 'processor s', 'peak GiB')
_RATIOS = ('time x', 'processor x', 'peak x')
_MEASURES = ('seconds', 'processor_seconds', 'peak_bytes')


def measure_pass(
    module: nn.Module, images: Tensor, part: str, precision: str
) -> dict[str, float]:
    """Measures a module in this process, which does nothing else.

    It first runs twice untimed: the first pass makes what stays, and in the second a
    process on a CPU takes the memory that it keeps from then on.

    Args:
        module: Image batch in, feature maps out. In bfloat16 its UNet's weights are
            converted for ``'forward'``.
        images: RGB in [-1, 1], shape (B, 3, H, W).
        part: One of `PASSES`: ``'forward'`` (without gradient) or ``'train'``
            (forward, and backward of the mean of every map).
        precision: ``'fp32'``, or ``'bf16'``: training under autocast, the forward pass
            as ``tools/test.py --amp`` runs it.

    Returns:
        ``seconds``, ``processor_seconds`` and ``peak_bytes``: on a GPU the most
        memory of PyTorch's allocator, on a CPU the largest resident size of the
        process while it was timed.
    """
    device = images.device
    train = part == 'train'
    module.train(train)
    if precision == 'bf16' and not train:
        run_in_bfloat16(module)

    def run() -> None:
        module.zero_grad(set_to_none=True)
        autocast = unet_precision(device, precision == 'bf16')
        with torch.set_grad_enabled(train), autocast:
            maps = module(images)
            total = sum(each.float().mean() for each in maps)
        if train:
            total.backward()

    release_freed_memory()
    for _ in range(2):
        run()
    _reset_peak(device)
    start, processor = time.perf_counter(), time.process_time()
    run()
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
    return dict(
        seconds=time.perf_counter() - start,
        processor_seconds=time.process_time() - processor,
        peak_bytes=_peak_bytes(device),
    )


def _reset_peak(device: torch.device) -> None:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
    else:  # Linux: what building the model needed does not count.
        Path('/proc/self/clear_refs').write_text('5')


def _peak_bytes(device: torch.device) -> int:
    if device.type == 'cuda':
        return torch.cuda.max_memory_allocated(device)
    status = Path('/proc/self/status').read_text()
    return int(status.split('VmHWM:')[1].split()[0]) * 1024


def alternate(
    command_of: Callable[[str, str, Path], Sequence[str]],
    parts: Sequence[str],
    rounds: int,
) -> list[dict[str, Any]]:
    """Runs both sides in turn, a new process for every part.

    Every other round begins with the other side, which cancels a steady drift. A part
    alone in its process does not see the gaps that another left in memory.

    Args:
        command_of: The command that measures a part (second argument) of a side
            (first) and writes its `measure_pass` to a file (third) as JSON.
        parts: Some of `PASSES`.
        rounds: Number of rounds.

    Returns:
        By round, by side of `SIDES` and by part what was measured.

    Raises:
        ValueError: There is no round, or a process failed; it says the last line of
            what that wrote to its error output.
    """
    if rounds < 1:
        raise ValueError(f'repeats must be at least 1, got {rounds}')
    found = []
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=2 * rounds * len(parts), unit='process') as progress,
    ):
        out = Path(folder) / 'measured.json'
        for turn in range(rounds):
            result: dict[str, Any] = {side: {} for side in SIDES}
            for part in parts:
                for side in SIDES if turn % 2 == 0 else reversed(SIDES):
                    progress.set_description(f'{part}, {side}')
                    _run(command_of(side, part, out), side)
                    measured = json.loads(out.read_text(encoding='utf-8'))
                    result[side][part] = measured
                    out.unlink()
                    progress.update()
            found.append(result)
    return found


def _run(command: Sequence[str], side: str) -> None:
    done = subprocess.run(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ['no message']
        raise ValueError(
            f'the process of the {side} ended with code {done.returncode}: {lines[-1]}'
        )


def compare(rounds: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Makes medians and ratios.

    Args:
        rounds: What `alternate` returns.

    Returns:
        A row for every part: ``part``, for every side the median of each measure, and
        under ``ratio`` the median over the rounds of ours by the reference's.
    """
    rows = []
    for part in rounds[0]['ours']:
        row: dict[str, Any] = dict(part=part, ratio={})
        for side in SIDES:
            values = [each[side][part] for each in rounds]
            row[side] = {key: median(v[key] for v in values) for key in _MEASURES}
        for key in _MEASURES:
            row['ratio'][key] = median(
                each['ours'][part][key] / each['reference'][part][key]
                for each in rounds
            )
        rows.append(row)
    return rows


def format_comparison(rows: Sequence[dict[str, Any]]) -> str:
    """Writes the rows of `compare` as a table."""
    lines = []
    for row in rows:
        for side in SIDES:
            seconds, processor, peak = (row[side][key] for key in _MEASURES)
            ratios = [f'{row["ratio"][key]:.3f}' for key in _MEASURES]
            lines.append(
                [row['part'], side, f'{seconds:.3f}', f'{processor:.3f}']
                + [f'{peak / _GIB:.3f}']
                + (ratios if side == 'ours' else ['', '', ''])
            )
    return format_table([*_HEADER, *_RATIOS], lines, numbers_from=2)
