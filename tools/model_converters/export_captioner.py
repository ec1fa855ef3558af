"""Writes a trained captioner as a folder of transformers, in half precision."""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from trained_model import MEGABYTE, add_arguments, load

from diffmm.models.generators import ImageCaptioner
from diffmm.utils.command_line import run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser, 'ImageCaptioner')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    model = load(args, ImageCaptioner)
    temporary = args.out.with_name(f'.{args.out.name}.incomplete')
    model.save_pretrained(temporary)
    temporary.rename(args.out)
    size = sum(path.stat().st_size for path in args.out.iterdir())
    print(f'{args.out}: {size / MEGABYTE:.1f} MB')


if __name__ == '__main__':
    run_main(main)
