"""Writes what a training of a perceptor changed, in half precision.

The file is a checkpoint for tools and predictors. It lacks what the weights have that
the training began with, such as the frozen VAE.
"""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from trained_model import MEGABYTE, add_arguments, load

from diffmm.apis.compact_checkpoint import write_compact
from diffmm.models.perceptors import DiffusionPerceptor
from diffmm.utils.command_line import run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser, 'perceptor', 'file')
    parser.add_argument(
        '--max-megabytes', type=float, default=20.0, help='refuse to keep more'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    if args.out.suffix != '.safetensors':
        raise SystemExit(f'error: {args.out} must end in .safetensors')
    model = load(args, DiffusionPerceptor)
    if model.pretrained is None:
        raise SystemExit(f'error: the model of {args.config} began with no weights')
    try:
        size = write_compact(
            model.state_dict(), args.out, model.pretrained, model.architecture.name
        )
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    if size > args.max_megabytes * MEGABYTE:
        args.out.unlink()
        raise SystemExit(
            f'error: {size / MEGABYTE:.1f} MB are more than --max-megabytes '
            f'{args.max_megabytes}'
        )
    print(f'{args.out}: {size / MEGABYTE:.1f} MB')


if __name__ == '__main__':
    run_main(main)
