"""Says what is missing in a data set, or wrong: files, counts, labels, depths.

It knows the layouts and counts of the real data sets, and reads them with the classes
that train on them. A mini world is checked against its own settings::

    python tools/dataset_checks/check_layout.py hypersim data/hypersim
    python tools/dataset_checks/check_layout.py all data/mini_world
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.utils import import_modules_from_strings

from diffmm.mini_world.checks.folder import check_folder_parts
from diffmm.mini_world.layouts import ALL_LAYOUTS, LAYOUTS, check_layout
from diffmm.utils.command_line import Verdict, positive_int, run_main

# Largest number of messages that are printed for a part.
SHOWN = 5


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        'layout',
        help=f'one of {", ".join(LAYOUTS)}, or {ALL_LAYOUTS} for a folder with every '
        'layout in a folder of its name',
    )
    parser.add_argument('folder', type=Path, help='folder of the data set')
    parser.add_argument(
        '--samples',
        type=positive_int,
        help='samples of each part to read, evenly spaced (default: all)',
    )
    parser.add_argument('--workers', type=positive_int, default=2, help='processes')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    for host in ('mmseg', 'mmdet', 'mmpose'):
        import_modules_from_strings(f'{host}.datasets', allow_failed_imports=True)
    try:
        check_layout(args.layout)
        names = list(LAYOUTS) if args.layout == ALL_LAYOUTS else [args.layout]
        several = len(names) > 1
        roots = {name: args.folder / name if several else args.folder for name in names}
        reports = [
            report
            for name, root in roots.items()
            for report in check_folder_parts(name, root, args.samples, args.workers)
        ]
    except (OSError, ValueError, BrokenProcessPool) as error:
        sys.exit(f'check_layout.py: error: {error}')
    print(f'{"data set, part":<28} {"samples":>9} {"expected":>9} {"problems":>9}')
    for each in reports:
        found = 'none' if each.found is None else f'{each.found:,}'
        expected = 'any' if each.expected is None else f'{each.expected:,}'
        print(f'{each.name:<28} {found:>9} {expected:>9} {len(each.problems):>9}')
    for each in reports:
        for problem in each.problems[:SHOWN]:
            print(f'{each.name}: {problem}')
    total = sum(len(each.problems) for each in reports)
    if total:
        raise Verdict(
            f'{total} problems, at most {SHOWN} of a part are shown; docs/datasets.md '
            'says how to prepare the data sets'
        )


if __name__ == '__main__':
    run_main(main)
