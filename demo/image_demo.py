"""Segment one image and write it with the classes painted over it."""

from __future__ import annotations

import argparse
from pathlib import Path

from mmengine.config import DictAction

from diffmm.apis import ImageSegmenter


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('img', type=Path, help='a JPEG or PNG file')
    parser.add_argument('config', help="the trained model's config")
    parser.add_argument('checkpoint', help="the trained model's checkpoint")
    parser.add_argument(
        '--out-file',
        type=Path,
        help='where to write the picture (default: IMG_segmented.png in this folder)',
    )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    parser.add_argument(
        '--opacity', type=float, default=0.5, help='of the class colours, in (0, 1]'
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='override config entries'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Segment, print the legend, write the picture."""
    args = parse_args(argv)
    out_file = args.out_file or Path(f'{args.img.stem}_segmented.png')
    try:
        segmenter = ImageSegmenter(
            args.config, args.checkpoint, args.device, args.cfg_options
        )
        segmented = segmenter(args.img)
        segmented.save_overlay(out_file, args.opacity)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'image_demo: {error}') from error
    for name, share in segmented.shares().items():
        print(f'{share:7.2%}  {name}')
    print(f'written: {out_file}')


if __name__ == '__main__':
    main()
