"""Find the photos that are most like sketches, and draw them ranked.

Each sketch is a row: the sketch, then its photos from the nearest on, with the cosine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from PIL import Image

from diffmm.apis import PictureRetriever, to_bgr
from diffmm.datasets.captioning import find_pictures
from diffmm.datasets.captioning.captioner import Captioner
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.picture_file import write_picture

BATCH = 32


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('sketch', type=Path, help='a picture, or a folder of them')
    parser.add_argument('config', help="the trained model's config")
    parser.add_argument('checkpoint', help="the trained model's checkpoint")
    parser.add_argument(
        '--gallery', type=Path, required=True, help='the folder of the photos'
    )
    parser.add_argument(
        '--top', type=positive_int, default=8, help='photos a row (default 8)'
    )
    parser.add_argument(
        '--rows', type=positive_int, default=6, help='most sketches to draw (default 6)'
    )
    parser.add_argument(
        '--caption-model',
        default='mini-captioner',
        help='who captions the pictures, if the model needs it (default: '
        'mini-captioner, which knows the mini world only)',
    )
    parser.add_argument(
        '--out-file',
        type=Path,
        default=Path('retrieved.png'),
        help='the picture to write (default retrieved.png)',
    )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Rank, print and draw."""
    args = parse_args(argv)
    sketches = [args.sketch]
    if args.sketch.is_dir():
        sketches = find_pictures(args.sketch)[: args.rows]
    photos = find_pictures(args.gallery)
    retriever = PictureRetriever(args.config, args.checkpoint, args.device)
    captions = None
    if retriever.needs_captions:
        captions = describe([*sketches, *photos], args.caption_model, args.device)
    ranking = retriever.rank(sketches, photos, args.top, captions)
    for sketch, found in zip(sketches, ranking, strict=True):
        print(sketch)
        for photo, cosine in found:
            print(f'  {cosine:.3f}  {photo}')
    write_picture(args.out_file, retriever.draw(sketches, ranking)[..., ::-1])
    print(args.out_file)


def describe(files: list[Path], model: str, device: str) -> dict[Path, str]:
    """Caption pictures."""
    captioner = Captioner(model, device)
    captions = {}
    for start in range(0, len(files), BATCH):
        part = files[start : start + BATCH]
        pictures = [Image.fromarray(to_bgr(file)[..., ::-1]) for file in part]
        captions.update(zip(part, captioner(pictures), strict=True))
    return captions


if __name__ == '__main__':
    run_main(main)
