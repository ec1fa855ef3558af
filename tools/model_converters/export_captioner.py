"""Writes a trained captioner as a folder of transformers, in half precision."""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from diffmm.apis.checkpoint import build_trained
from diffmm.models.generators import ImageCaptioner

MEGABYTE = 1_000_000


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config of an ImageCaptioner')
    parser.add_argument(
        'checkpoint', help='its checkpoint; with an average, the average is written'
    )
    parser.add_argument('out', type=Path, help='folder to write, must not exist')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    if args.out.exists():
        raise SystemExit(f'error: {args.out} exists; remove it or name another folder')
    try:
        model = build_trained(args.config, args.checkpoint, ImageCaptioner)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    temporary = args.out.with_name(f'.{args.out.name}.incomplete')
    model.save_pretrained(temporary)
    temporary.rename(args.out)
    size = sum(path.stat().st_size for path in args.out.iterdir())
    print(f'{args.out}: {size / MEGABYTE:.1f} MB')


if __name__ == '__main__':
    main()
