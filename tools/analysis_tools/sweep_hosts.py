"""Swap the backbone of configs that the hosts ship, train one step and predict.

Every config is built with random weights and gets noise for images. A row shows that
the numbers fit, not that the model learns. Each result is appended to a JSON-lines
file, so a sweep that was stopped goes on where it was. `--table` writes them as a page.
The same call in an environment whose mmcv has other operators (compiled, or replaced by
DiffMM) adds a column of its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import NamedTuple

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config
from sweep_page import HOSTS, OPERATORS, count_passed, format_page
from tqdm import tqdm

from diffmm.operators import operator_status
from diffmm.swapping import swap_backbone
from diffmm.testing import run_one_step
from diffmm.utils.command_line import positive_int, run_main

LIST = Path(__file__).with_suffix('.txt')
BACKBONE = dict(
    type='StableDiffusionBackbone', arch='mini', prompt=dict(type='NullPrompt')
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--hosts', nargs='+', choices=HOSTS, default=HOSTS)
    parser.add_argument(
        '--configs',
        nargs='+',
        help='host/path below the installed configs; by default the list beside this '
        'script',
    )
    parser.add_argument(
        '--strides', choices=('auto', 'native', 'pyramid'), default='auto'
    )
    parser.add_argument(
        '--side', type=positive_int, default=128, help='image size in pixels'
    )
    parser.add_argument(
        '--results',
        type=Path,
        default=Path('work_dirs/sweep_hosts.jsonl'),
        help='one line a config; those in it with the operators that are here are not '
        'run again',
    )
    parser.add_argument('--table', type=Path, help='write a Markdown table here')
    parser.add_argument(
        '--in-process',
        action='store_true',
        help='run in this process: a config that kills it ends the sweep',
    )
    return parser.parse_args(argv)


class Entry(NamedTuple):
    """One line of the list.

    Attributes:
        name: host/path below the installed configs.
        section: Title of the list's section that it stands in.
        side: Image size that it needs; None if the sweep's is large enough.
        host_maps: Channels and strides of a backbone that cannot be built here.
    """

    name: str
    section: str = ''
    side: int | None = None
    host_maps: list[tuple[int, int]] | None = None


def read_list(hosts: list[str]) -> list[Entry]:
    """Reads the configs beside this script that belong to `hosts`."""
    entries, section = [], ''
    for line in LIST.read_text().splitlines():
        words = line.split()
        if line.startswith('['):
            section = line.strip('[]')
        elif words and not line.startswith('#'):
            options = dict(word.split('=') for word in words[1:])
            maps = options.get('maps')
            entry = Entry(
                words[0],
                section,
                int(options['side']) if 'side' in options else None,
                maps and [tuple(map(int, each.split(':'))) for each in maps.split(',')],
            )
            if entry.name.split('/')[0] in hosts:
                entries.append(entry)
    return entries


def find_entry(name: str) -> Entry:
    """Finds a config in the list; one that is not there has no options."""
    known = {entry.name: entry for entry in read_list(HOSTS)}
    return known.get(name, Entry(name))


def read_results(path: Path, operators: str | None = None) -> dict[str, dict]:
    """Reads the results so far; the last line of a config counts.

    Args:
        path: The file.
        operators: `compiled` or `replaced`; by default those of this environment.
    """
    operators = operators or operator_status().kind
    if not path.exists():
        return {}
    # A process that was killed may leave half a line at the end.
    lines = path.read_text().rpartition('\n')[0].splitlines()
    rows = [json.loads(line) for line in lines]
    return {row['config']: row for row in rows if row['operators'] == operators}


def run_config(name: str, strides: str, side: int) -> dict:
    """Sweeps one config; a failure becomes a row with the error."""
    host, _, path = name.partition('/')
    entry = find_entry(name)
    start = time.time()
    row = dict(config=name, host=host, section=entry.section)
    row['operators'] = operator_status().kind
    try:
        folder = Path(importlib.import_module(host).__file__).parent / '.mim/configs'
        cfg = Config.fromfile(str(folder / path))
        cfg, changes = swap_backbone(cfg, BACKBONE, strides, entry.host_maps)
        row['changes'] = [str(change) for change in changes]
        row['strides'] = _describe_strides(cfg)
        result = run_one_step(cfg, max(side, entry.side or 0))
        row.update(
            loss=result.loss,
            idle=len(result.parameters_without_gradient),
            predictions=result.predictions,
        )
    # A sweep has to report every way to fail, in the hosts' code as in ours.
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f'{Path(place.filename).name}:{place.lineno}'
        row['error'] = f'{type(error).__name__}: {error} ({where})'
    return row | dict(seconds=round(time.time() - start, 1))


def _describe_strides(cfg: Config) -> str:
    neck = cfg.model.get('neck') or {}
    if isinstance(neck, dict) and neck.get('type') == 'StridePyramidNeck':
        return f'pyramid {", ".join(str(stride) for stride in neck["strides"])}'
    return 'native'


def sweep(args: argparse.Namespace) -> dict[str, dict]:
    """Runs every config that has no result yet.

    A child process runs the configs one after another and writes their rows. If it
    dies, its current config gets a row with the signal, and another child goes on.
    """
    names = args.configs or [entry.name for entry in read_list(args.hosts)]
    args.results.parent.mkdir(parents=True, exist_ok=True)
    with tqdm(total=len(names), unit='config') as bar:
        while True:
            done = read_results(args.results)
            bar.n = sum(name in done for name in names)
            bar.refresh()
            left = [name for name in names if name not in done]
            if not left:
                return {name: done[name] for name in names}
            if args.in_process:
                bar.set_postfix_str(left[0])
                _append(args.results, run_config(left[0], args.strides, args.side))
            else:
                _run_child(args, left, bar)


def _run_child(args: argparse.Namespace, left: list[str], bar: tqdm) -> None:
    command = [sys.executable, __file__, '--in-process', '--configs', *left]
    command += ['--strides', args.strides, '--side', str(args.side)]
    command += ['--results', str(args.results)]
    log = args.results.with_suffix('.log')
    with log.open('a') as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        while child.poll() is None:
            time.sleep(1)
            done = read_results(args.results)
            bar.n = bar.total - sum(name not in done for name in left)
            bar.refresh()
    done = read_results(args.results)
    rest = [name for name in left if name not in done]
    if child.returncode and rest:
        error = f'the process ended with {child.returncode}; see {log.name}'
        host, section = rest[0].split('/')[0], find_entry(rest[0]).section
        row = dict(config=rest[0], host=host, section=section, error=error)
        _append(args.results, row | dict(operators=operator_status().kind))


def _append(path: Path, row: dict) -> None:
    with path.open('a') as file:
        file.write(json.dumps(row) + '\n')


def main(argv: list[str] | None = None) -> None:
    """Run the script."""
    args = parse_args(argv)
    tqdm.write(str(operator_status()))
    rows = sweep(args)
    for row in rows.values():
        if 'error' in row:
            tqdm.write(f'{row["config"]}: {row["error"]}')
    tqdm.write(f'{count_passed(rows)} configs pass')
    if args.table is not None:
        args.table.parent.mkdir(parents=True, exist_ok=True)
        sweeps = {kind: read_results(args.results, kind) for kind in OPERATORS}
        sweeps = {
            kind: {name: done[name] for name in rows if name in done}
            for kind, done in sweeps.items()
        }
        page = format_page(
            {kind: each for kind, each in sweeps.items() if each}, args.side
        )
        args.table.write_text(page)


if __name__ == '__main__':
    run_main(main)
