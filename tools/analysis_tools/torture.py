"""Kills, damages and crowds everything, and counts what is not met by one clear line.

The same seed repeats the same run. Without --parts all are done, which takes about
a quarter of an hour.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torture_inputs as inputs
import torture_trainings as trainings

from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table

PARTS = ('inputs', 'pickles', 'kills', 'disk', 'twins', 'worker')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='default: 0')
    parser.add_argument(
        '--parts', nargs='+', choices=PARTS, default=PARTS, help='default: all'
    )
    parser.add_argument(
        '--inputs', type=positive_int, default=200, help='damaged inputs (default: 200)'
    )
    parser.add_argument(
        '--kills',
        type=positive_int,
        default=100,
        help='over all systems (default: 100)',
    )
    parser.add_argument(
        '--systems',
        nargs='+',
        choices=tuple(trainings.SYSTEMS),
        default=tuple(trainings.SYSTEMS),
        help='that are trained (default: all)',
    )
    parser.add_argument('--out', type=Path, help='file for the tables, in Markdown')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Runs the parts; the exit code is 1 if anything failed."""
    args = parse_args(argv)
    failures: list[str] = []
    tables = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in args.parts:
            if part in ('inputs', 'pickles'):
                title, table = _PARTS[part](args, folder / part, failures)
                tables.append(f'{title}\n\n{table}')
                print(f'\n{tables[-1]}', flush=True)
        if set(args.parts) - {'inputs', 'pickles'}:
            tables.append(torture_trainings(args, folder / 'trainings', failures))
            print(f'\n{tables[-1]}', flush=True)
    for failure in failures:
        print(f'FAILED {failure}')
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text('\n\n'.join(tables) + '\n', encoding='utf-8')
    return 1 if failures else 0


def torture_files(
    args: argparse.Namespace, folder: Path, failures: list[str]
) -> tuple[str, str]:
    """Damages inputs of every kind."""
    report = inputs.damage_inputs(args.inputs, args.seed, folder)
    failures += report.failures
    header = ('input', 'trials', *inputs.ENDS)
    rows = list(report.rows())
    table = format_table(header, rows, numbers_from=1, markdown=True)
    return f'Damaged inputs, seed {args.seed}:', table


def torture_unpicklers(
    args: argparse.Namespace, folder: Path, failures: list[str]
) -> tuple[str, str]:
    """Reads pickles that try to run code."""
    folder.mkdir()
    attempts, failed = inputs.read_hostile_pickles(folder)
    failures += failed
    row = (str(len(inputs.NAMES)), str(attempts), str(attempts - len(failed)))
    header = ('functions', 'files and readers', 'refused, nothing run')
    table = format_table(header, [row], numbers_from=0, markdown=True)
    return 'Pickles that try to run code:', table


def torture_trainings(
    args: argparse.Namespace, folder: Path, failures: list[str]
) -> str:
    """Trains every system, undisturbed and disturbed."""
    photos = folder / 'photos'
    trainings.make_photos(photos)
    rng = random.Random(args.seed)
    rows = []
    others = dict(
        disk=('a full disk in a checkpoint', trainings.fill_disk),
        twins=('a second training in the work dir', trainings.crowd),
        worker=('a killed loader', trainings.kill_worker),
    )
    for index, system in enumerate(args.systems):
        place = folder / system
        place.mkdir()
        experiment = trainings.make_experiment(system, photos, place)
        if 'kills' in args.parts:
            share, rest = divmod(args.kills, len(args.systems))
            kills = share + (index < rest)
            count, worst = trainings.kill_and_resume(experiment, kills, rng, place)
            noun = 'training' if count == 1 else 'trainings'
            rows.append((system, f'{kills} kills of {count} {noun}', worst, ''))
        # These do not depend on the system.
        for part, (what, run) in others.items():
            if part in args.parts and index == 0:
                line, worst = run(experiment, place)
                rows.append((system, what, worst, line.replace(str(folder), '...')))
    for system, what, worst, line in rows:
        if worst > trainings.TOLERANCE or line.startswith('exit code'):
            failures.append(f'{system}, {what}: {worst:.1e} {line}')
    header = ('system', 'disturbance', 'largest change of a loss', 'what is said')
    cells = [(s, what, f'{worst:.1e}', line) for s, what, worst, line in rows]
    table = format_table(header, cells, markdown=True)
    return f'Trainings, seed {args.seed}:\n\n{table}'


_PARTS = dict(inputs=torture_files, pickles=torture_unpicklers)


if __name__ == '__main__':
    run_main(main)
