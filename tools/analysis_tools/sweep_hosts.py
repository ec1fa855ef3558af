"""Swap the backbone of configs that the hosts ship, train one step and predict.

Every config is built with random weights and noise for images; what is shown is that
its numbers fit, not that it learns. Results are written to a JSON-lines file as they
come, so a sweep that was stopped goes on where it was, and then to a Markdown table.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config
from tqdm import tqdm

from diffmm.operators import operator_status
from diffmm.swapping import swap_backbone
from diffmm.testing import run_one_step

LIST = Path(__file__).with_suffix('.txt')
HOSTS = {'mmseg': 'mmsegmentation', 'mmdet': 'mmdet', 'mmpose': 'mmpose'}
BACKBONE = dict(
    type='StableDiffusionBackbone', arch='mini', prompt=dict(type='NullPrompt')
)
# Written for every swap alike, so not worth a place in the table.
COMMON = (
    'model.backbone',
    'model.pretrained',
    'model.data_preprocessor.',
    'data_preprocessor.',
    'custom_imports',
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        '--hosts', nargs='+', choices=sorted(HOSTS), default=sorted(HOSTS)
    )
    parser.add_argument(
        '--configs',
        nargs='+',
        help='host/path below the installed configs; by default the list beside this '
        'script',
    )
    parser.add_argument(
        '--strides', choices=('auto', 'native', 'pyramid'), default='auto'
    )
    parser.add_argument('--side', type=int, default=128, help='image size in pixels')
    parser.add_argument(
        '--results',
        type=Path,
        default=Path('work_dirs/sweep_hosts.jsonl'),
        help='one line a config; configs that are in it are not run again',
    )
    parser.add_argument('--table', type=Path, help='write a Markdown table here')
    parser.add_argument(
        '--in-process',
        action='store_true',
        help='run in this process: a config that kills it ends the sweep',
    )
    return parser.parse_args(argv)


def read_list(hosts: list[str]) -> list[str]:
    """Reads the configs beside this script that belong to ``hosts``."""
    lines = [line.strip() for line in LIST.read_text().splitlines()]
    names = [line.split()[0] for line in lines if line and not line.startswith('#')]
    return [name for name in names if name.split('/')[0] in hosts]


def read_side(name: str, side: int) -> int:
    """The image size that the list gives a config, if it is larger."""
    for line in LIST.read_text().splitlines():
        words = line.split()
        if words[:1] == [name] and len(words) == 2:
            return max(side, int(words[1]))
    return side


def read_results(path: Path) -> dict[str, dict]:
    """Reads what was swept before; the last line of a config counts."""
    if not path.exists():
        return {}
    # The last line may be half written.
    lines = path.read_text().rpartition('\n')[0].splitlines()
    rows = [json.loads(line) for line in lines]
    return {row['config']: row for row in rows}


def run_config(name: str, strides: str, side: int) -> dict:
    """Sweeps one config; any failure is a row that names it."""
    host, _, path = name.partition('/')
    start, row = time.time(), dict(config=name, host=host)
    try:
        folder = Path(importlib.import_module(host).__file__).parent / '.mim/configs'
        cfg = Config.fromfile(str(folder / path))
        cfg, changes = swap_backbone(cfg, BACKBONE, strides)
        row['changes'] = [str(change) for change in changes]
        row['strides'] = _describe_strides(cfg)
        result = run_one_step(cfg, read_side(name, side))
        row.update(
            loss=result.loss,
            idle=len(result.parameters_without_gradient),
            predictions=result.predictions,
        )
    # A sweep exists to find out how configs fail, in the hosts' code as in ours.
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
    """Runs what is not in the results yet.

    A child process runs the configs one after another and writes their rows. If it
    dies, the config it was at gets a row with the signal, and another one goes on.
    """
    names = args.configs or read_list(args.hosts)
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
        host = rest[0].split('/')[0]
        _append(args.results, dict(config=rest[0], host=host, error=error))


def _append(path: Path, row: dict) -> None:
    with path.open('a') as file:
        file.write(json.dumps(row) + '\n')


def format_table(rows: dict[str, dict], side: int) -> str:
    """Writes the results as a page."""
    passed = [row for row in rows.values() if 'error' not in row]
    hosts = sorted({row['host'] for row in rows.values()})
    versions = ', '.join(f'{host} {version(HOSTS[host])}' for host in hosts)
    lines = [
        '# Shipped configs on a diffusion backbone',
        '',
        f'{len(passed)} of {len(rows)} shipped configs ({versions}) train a step and '
        'predict with `StableDiffusionBackbone` (`mini`, random weights) in place of '
        f'their backbone. Images are noise of {side}x{side} pixels (more where a model '
        'needs more; a pose config has its own size), so the loss says that the step '
        'ran, nothing else. Every swap also replaces the backbone, `pretrained`, '
        '`custom_imports` and the mean and standard deviation of the images. *strides* '
        'is what '
        '[`swap_backbone`](swap_backbone.md) chose.',
        '',
        'Written by `tools/analysis_tools/sweep_hosts.py --table docs/swap_sweep.md`; '
        'the configs and why they are there: `tools/analysis_tools/sweep_hosts.txt`.',
        '',
        '| config | host | strides | swapped keys | loss | predicts |',
        '|---|---|---|---|---:|---|',
    ]
    lines += [_format_row(row) for row in rows.values()]
    failed = [row for row in rows.values() if 'error' in row]
    if failed:
        lines += ['', '## What does not run, and why', '']
        lines += [f'- `{row["config"]}`: {_one_line(row["error"])}' for row in failed]
    return '\n'.join(lines) + '\n'


def _format_row(row: dict) -> str:
    changes = [
        change for change in row.get('changes', []) if not change.startswith(COMMON)
    ]
    swapped = '<br>'.join(f'`{_one_line(change)}`' for change in changes)
    loss = f'{row["loss"]:.4g}' if 'loss' in row else ''
    predicts = 'yes' if 'error' not in row else row['error'].split(':')[0]
    path = row['config'].partition('/')[2]
    cells = (path, row['host'], row.get('strides', ''), swapped, loss, predicts)
    return f'| {" | ".join(cells)} |'


def _one_line(text: str) -> str:
    return ' '.join(text.split()).replace('|', '\\|')


def main(argv: list[str] | None = None) -> None:
    """Run the script."""
    args = parse_args(argv)
    tqdm.write(str(operator_status()))
    rows = sweep(args)
    for row in rows.values():
        if 'error' in row:
            tqdm.write(f'{row["config"]}: {row["error"]}')
    passed = sum('error' not in row for row in rows.values())
    tqdm.write(f'{passed} of {len(rows)} configs pass')
    if args.table is not None:
        args.table.parent.mkdir(parents=True, exist_ok=True)
        args.table.write_text(format_table(rows, args.side))


if __name__ == '__main__':
    main()
