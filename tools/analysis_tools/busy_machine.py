"""Compare the quickstart beside busy processes with the quickstart alone.

OpenMP threads that spin while they wait make PyTorch many times slower beside a busy
process; DiffMM shortens the spinning (docs/operators.md). This measures what is left of
it: alone, beside one process that never waits, and beside two. The exit status is 1 if
a ratio is above its bar.
"""

from __future__ import annotations

import argparse
import json
import runpy
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from diffmm.environment.openmp import describe_waiting
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = runpy.run_path(str(ROOT / 'demo' / 'quickstart.py'))
# Times the quiet time that the quickstart may take, by the number of busy processes.
BARS = {1: 1.7, 2: 3.0}
# The first iterations allocate memory and choose kernels.
WARM_UP = 5


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        '--iterations',
        type=positive_int,
        default=30,
        help='measure a training iteration of the quickstart, over this many',
    )
    parser.add_argument(
        '--whole',
        action='store_true',
        help='measure the whole quickstart instead; its data are drawn before',
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs') / 'busy_machine'
    )
    args = parser.parse_args(argv)
    if args.iterations <= WARM_UP:
        parser.error(f'--iterations {args.iterations}: name more than {WARM_UP}')
    return args


@contextmanager
def busy_processes(count: int) -> Iterator[list[subprocess.Popen]]:
    """Keeps processes busy that compute without a pause."""
    command = [sys.executable, '-c', 'while True: pass']
    processes = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def run(*command: object) -> None:
    """Runs a script of the repository in silence.

    Raises:
        SystemExit: If it fails, with the last line of what it wrote.
    """
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=QUICKSTART['environment'](),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stdout.rstrip().splitlines()[-1:]
        raise SystemExit(f'busy_machine: {command[0]} failed: {"".join(last)}')


def time_quickstart(work_dir: Path) -> float:
    """Seconds that the whole quickstart takes."""
    start = time.monotonic()
    run('demo/quickstart.py', '--work-dir', work_dir)
    return time.monotonic() - start


def time_iteration(work_dir: Path, iterations: int) -> float:
    """Mean seconds of a training iteration of the quickstart, after a warm-up."""
    config = work_dir / 'training.py'
    work_dir.mkdir(parents=True, exist_ok=True)
    config.write_text(
        f'_base_ = {str(ROOT / QUICKSTART["CONFIG"])!r}\n'
        'val_cfg = val_dataloader = val_evaluator = None\n'
        'custom_hooks = []\n'
        'log_processor = dict(window_size=1)\n'
        'default_hooks = dict(logger=dict(interval=1))\n'
    )
    length = f'train_cfg.max_iters={iterations}'
    options = ('--cfg-options', *QUICKSTART['OPTIONS'], length)
    run('tools/train.py', config, *options, '--work-dir', work_dir)
    scalars = QUICKSTART['newest_scalars'](work_dir)
    records = map(json.loads, scalars.read_text().splitlines())
    times = [record['time'] for record in records if 'time' in record]
    return sum(times[WARM_UP:]) / len(times[WARM_UP:])


def compare(seconds: dict[int, float]) -> tuple[str, bool]:
    """Lays out the ratios.

    Args:
        seconds: Time by number of busy processes, with 0 for the quiet machine.

    Returns:
        A table, and whether every ratio is within its bar.
    """
    rows, kept = [], True
    for count, value in seconds.items():
        ratio = value / seconds[0]
        bar = BARS.get(count)
        kept = kept and (bar is None or ratio <= bar)
        rows.append((str(count), f'{value:.2f}', f'{ratio:.2f}', f'{bar or ""}'))
    header = ('busy processes', 'seconds', 'times the quiet time', 'at most')
    return format_table(header, rows, numbers_from=1), kept


def main(argv: list[str] | None = None) -> int:
    """Run the script."""
    args = parse_args(argv)
    number = args.iterations - WARM_UP
    training = f'a training iteration, mean of {number} after {WARM_UP}'
    what = 'the whole quickstart' if args.whole else training
    print(f'OpenMP: {describe_waiting()}\nMeasured: {what}', flush=True)
    run(*QUICKSTART['GENERATE'])
    seconds = {}
    for count in (0, *BARS):
        # Relative paths would be meant from the repository.
        work_dir = args.work_dir.resolve() / f'{count}_busy'
        with busy_processes(count):
            if args.whole:
                seconds[count] = time_quickstart(work_dir)
            else:
                seconds[count] = time_iteration(work_dir, args.iterations)
        print(f'{count} busy: {seconds[count]:.2f} s', flush=True)
    table, kept = compare(seconds)
    print(f'\n{table}')
    return 0 if kept else 1


if __name__ == '__main__':
    run_main(main)
