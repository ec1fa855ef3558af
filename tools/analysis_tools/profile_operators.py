"""Profile a backbone on a CPU by kind of operator, beside what it needs at least.

The bound is the time that its convolutions and matrix products would take at the rates
that the same process measures on one large convolution and one large product.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from benchmark import add_backbone_arguments, build_backbone

from diffmm.benchmark import KINDS, PRECISIONS, profile_backbone
from diffmm.utils.bfloat16 import computes_bfloat16
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table, three_digits

HEADER = (
    'part',
    'precision',
    'time s',
    'bound s',
    'x bound',
    *(f'{k} %' for k in KINDS),
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_backbone_arguments(parser, size=256)
    parser.add_argument('--repeats', type=positive_int, default=3, help='timed runs')
    parser.add_argument(
        '--precisions',
        nargs='+',
        choices=tuple(PRECISIONS),
        help='what to compare; by default fp32, and bf16 where the processor has '
        'instructions for it',
    )
    parser.add_argument(
        '--threads', type=positive_int, default=1, help='threads of PyTorch'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    # PyTorch's profiler otherwise reports a missing GPU driver as an error.
    os.environ.setdefault('KINETO_LOG_LEVEL', '5')
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    backbone = build_backbone(args, torch.device('cpu'))
    results = []
    computed = list(PRECISIONS) if computes_bfloat16() else ['fp32']
    for precision in args.precisions or computed:
        rate, profiles = profile_backbone(
            backbone, tuple(args.size), args.batch, precision, args.repeats
        )
        products, convolutions = (three_digits(each / 1e9) for each in rate)
        print(
            f'{precision}: {products} GFLOP/s of matrix products, {convolutions} of '
            'convolutions',
            flush=True,
        )
        results += [{**rate._asdict(), **asdict(each)} for each in profiles]
    print(format_table(HEADER, [_row(each) for each in results], numbers_from=2))
    if not args.precisions and 'bf16' not in computed:
        print(
            'bf16 is left out: this processor has no instructions for it and is many '
            'times slower; --precisions fp32 bf16 measures both'
        )
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(results, indent=2) + '\n')
        print(f'written: {args.out}')


def _row(result: dict) -> list[str]:
    seconds, bound = result['seconds'], result['bound']
    shares = [f'{100 * result["shares"][kind]:.0f}' for kind in KINDS]
    times = [f'{seconds:.3f}', f'{bound:.3f}', f'{seconds / bound:.2f}']
    return [result['part'], result['precision'], *times, *shares]


if __name__ == '__main__':
    run_main(main)
