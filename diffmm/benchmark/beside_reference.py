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

from ..models.precision import run_in_bfloat16
from ..utils.freed_memory import release_freed_memory
from ..utils.text_table import format_table

SIDES = ('reference', 'ours')
PASSES = ('forward', 'train')
_GIB = 1024**3
_HEADER = ('part', 'side', 'time s', 'processor s', 'peak GiB')
_RATIOS = ('time x', 'processor x', 'peak x')
_MEASURES = ('seconds', 'processor_seconds', 'peak_bytes')


def measure_passes(
    module: nn.Module, images: Tensor, parts: Sequence[str], precision: str
) -> dict[str, dict[str, float]]:
    """Measures a module in this process, which does nothing else.

    Every part runs once untimed.

    Args:
        module: Image batch in, feature maps out.
        images: RGB in [-1, 1], shape (B, 3, H, W).
        parts: Some of `PASSES`: ``'forward'`` (without gradient) and ``'train'``
            (forward, and backward of the mean of every map).
        precision: ``'fp32'``, or ``'bf16'``: training under autocast, the forward pass
            as ``tools/test.py --amp`` runs it.

    Returns:
        By part ``seconds``, ``processor_seconds`` and ``peak_bytes``: on a GPU the most
        memory of PyTorch's allocator, on a CPU the largest resident size of the
        process while the part was timed.
    """
    device = images.device

    def run(train: bool) -> None:
        module.zero_grad(set_to_none=True)
        autocast = torch.autocast(device.type, torch.bfloat16, precision == 'bf16')
        with torch.set_grad_enabled(train), autocast:
            maps = module(images)
            total = sum(each.float().mean() for each in maps)
        if train:
            total.backward()

    found = {}
    # With weights in bfloat16 the module can no longer be trained.
    order = reversed(PASSES) if precision == 'bf16' else PASSES
    for part in (part for part in order if part in parts):
        module.train(part == 'train')
        if part == 'forward' and precision == 'bf16':
            module.zero_grad(set_to_none=True)
            run_in_bfloat16(module)
        release_freed_memory()
        run(part == 'train')
        _reset_peak(device)
        start, processor = time.perf_counter(), time.process_time()
        run(part == 'train')
        if device.type == 'cuda':
            torch.cuda.synchronize(device)
        found[part] = dict(
            seconds=time.perf_counter() - start,
            processor_seconds=time.process_time() - processor,
            peak_bytes=_peak_bytes(device),
        )
    return {part: found[part] for part in PASSES if part in found}


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
    command_of: Callable[[str, Path], Sequence[str]], rounds: int
) -> list[dict[str, Any]]:
    """Runs both sides in turn, a new process each time.

    Every other round begins with the other side, which cancels a steady drift.

    Args:
        command_of: The command that measures a side and writes its `measure_passes` to
            a file as JSON.
        rounds: Number of rounds.

    Returns:
        By round, what each of `SIDES` measured.

    Raises:
        ValueError: There is no round, or a process failed; it says the last line of
            what that wrote to its error output.
    """
    if rounds < 1:
        raise ValueError(f'repeats must be at least 1, got {rounds}')
    found = []
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=2 * rounds, unit='process') as progress,
    ):
        for turn in range(rounds):
            result = {}
            for side in SIDES if turn % 2 == 0 else reversed(SIDES):
                progress.set_description(side)
                out = Path(folder) / f'{side}.json'
                done = subprocess.run(
                    command_of(side, out),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                )
                if done.returncode:
                    lines = done.stderr.strip().splitlines() or ['no message']
                    raise ValueError(
                        f'the process of the {side} ended with code '
                        f'{done.returncode}: {lines[-1]}'
                    )
                result[side] = json.loads(out.read_text(encoding='utf-8'))
                progress.update()
            found.append(result)
    return found


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
