"""Measure images per second of a model, or join such measurements to one report."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

import diffmm  # before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.registry import init_default_scope

from diffmm.apis import get_config
from diffmm.benchmark import lookup_peak_tflops
from diffmm.benchmark.throughput import VARIANTS, Throughput, format_throughput
from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import Verdict, positive_int, run_main
from diffmm.utils.compiler import check_compiler
from diffmm.utils.tool_config import add_config_options, merge_options


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('config', nargs='?', help='a segmentor or depth perceptor')
    parser.add_argument('--out', type=Path, required=True, help='a JSON file')
    parser.add_argument('--name', help='of the model in the report')
    parser.add_argument(
        '--size', type=positive_int, default=512, help='side of the images'
    )
    parser.add_argument(
        '--batch', type=positive_int, default=8, help='images of a batch'
    )
    parser.add_argument('--rounds', type=positive_int, default=5, help='timed runs')
    parser.add_argument('--device', default='cuda', help='"cuda" or "cpu"')
    parser.add_argument('--precision', choices=('fp32', 'bf16'), default='bf16')
    parser.add_argument('--variants', nargs='+', choices=VARIANTS, default=['plain'])
    parser.add_argument('--peak-tflops', type=float, help='peak rate, for MFU')
    parser.add_argument(
        '--join',
        nargs='+',
        type=Path,
        metavar='FILE',
        help='measurements to join, instead of a config; a table goes beside --out. '
        'The exit code is 1 if one is missing',
    )
    add_config_options(parser)
    args = parser.parse_args(argv)
    if (args.config is None) == (args.join is None):
        parser.error('give either a config or --join')
    return args


def measure(args: argparse.Namespace) -> dict:
    """Measure a model."""
    config = get_config(args.config)
    merge_options(config, args.cfg_options)
    init_default_scope(config.get('default_scope', 'mmseg'))
    device = torch.device(args.device)
    name = platform.processor() or platform.machine()
    if device.type == 'cuda':
        name = torch.cuda.get_device_name(device)
    peak = args.peak_tflops or lookup_peak_tflops(name, args.precision)
    torch.manual_seed(0)
    model = Throughput(config.model, args.size, args.batch, device, args.precision)
    about = dict(
        model=args.name or Path(args.config).stem,
        config=args.config,
        size=args.size,
        batch=args.batch,
        precision=args.precision,
        device=name,
        peak_tflops=peak,
        torch=torch.__version__,
        diffmm=diffmm.__version__,
    )
    rows = model.measure(args.variants, args.rounds, peak)
    return about | dict(rows=rows)


def join(files: list[Path], out: Path) -> list[Path]:
    """Join measurements to one file and one table; returns those that are missing."""
    missing = [file for file in files if not file.is_file()]
    parts = [_read_part(file) for file in files if file not in missing]
    rows = [dict(row, model=part['model']) for part in parts for row in part['rows']]
    report = dict(parts=parts, failed=[file.stem for file in missing])
    write_atomically(out, json.dumps(report, indent=2).encode() + b'\n')
    lines = []
    if parts:
        first = parts[0]
        lines = [
            f'{first["device"]}, {first["precision"]}, PyTorch {first["torch"]}, '
            f'{first["size"]}x{first["size"]} pixels, random weights.',
            format_throughput(rows),
        ]
    lines += [f'Failed: {", ".join(report["failed"])}.'] if missing else []
    table = '\n\n'.join(lines) + '\n'
    write_atomically(out.with_suffix('.md'), table.encode())
    print(table)
    return missing


def _read_part(file: Path) -> dict:
    try:
        part = json.loads(file.read_text())
        if not {'model', 'rows'} <= part.keys():
            raise KeyError('it has no rows of a model')
    except (ValueError, KeyError, AttributeError) as error:
        raise ValueError(
            f'{file} is no measurement of this tool, or damaged ({error}); measure '
            'again'
        ) from error
    return part


def main(argv: list[str] | None = None) -> None:
    """Measure or join."""
    args = parse_args(argv)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    if args.join:
        missing = join(args.join, args.out)
        if missing:
            raise Verdict(f'{len(missing)} of {len(args.join)} parts failed')
        return
    check_compiler(any('compile' in variant for variant in args.variants))
    results = measure(args)
    write_atomically(args.out, json.dumps(results, indent=2).encode() + b'\n')
    print(format_throughput([dict(r, model=results['model']) for r in results['rows']]))


if __name__ == '__main__':
    run_main(main)
