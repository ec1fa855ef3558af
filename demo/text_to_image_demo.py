"""Draw a grid of images for captions, with the small model that DiffMM brings."""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch

from diffmm.diffusion import WeightsError
from diffmm.diffusion.pipeline_folder import personalize, read_pipeline_folder
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.picture_file import write_picture
from diffmm.visualization import draw_image_grid

CAPTIONS = [
    'a tree and a house on the grass under a sky',
    'a red car on the grass under a cloudy sky',
    'a blue boat on the grass under a clear sky',
    'a person and a ball on the tall grass under a sky',
    'a green chair on the wooden floor in front of a plain wall',
    'a lamp and a chair on the floor in front of a brick wall',
    'a bottle and a box on the tiled floor in front of a wall',
    'a purple clock on the floor in front of a papered wall',
    'two trees and a car on the grass under a sky',
    'a person to the left of a tree on the grass',
    'a large yellow house on the short grass under a sky',
    'a flower on the mown grass under a sky',
    'a person and a lamp on the carpeted floor in front of a wall',
    'a large orange ball on the floor in front of a wall',
    'two boxes on the wooden floor in front of a wall',
    'a white flower on the floor in front of a wall',
]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('captions', nargs='*', default=CAPTIONS, help='what to draw')
    parser.add_argument(
        '--pretrained', default='mini', help='"mini" (default) or a diffusers folder'
    )
    parser.add_argument(
        '--learned-words', nargs='+', default=[], help='files of learned words'
    )
    parser.add_argument('--lora', nargs='+', default=[], help='files of adapters')
    parser.add_argument('--out-file', type=Path, default=Path('text_to_image.png'))
    parser.add_argument(
        '--steps', type=positive_int, default=25, help='denoising steps'
    )
    parser.add_argument('--guidance', type=float, default=3.0, help='guidance scale')
    parser.add_argument('--seed', type=int, default=0, help='seed of the noise')
    parser.add_argument('--columns', type=positive_int, help='images in a row')
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        pipeline = read_pipeline_folder(args.pretrained)
        personalize(pipeline, args.learned_words, args.lora)
        pipeline.to(args.device)
    except WeightsError as error:
        raise SystemExit(f'text_to_image_demo: {error}') from error
    images = pipeline(
        args.captions,
        num_inference_steps=args.steps,
        guidance_scale=args.guidance,
        generator=torch.Generator().manual_seed(args.seed),
        output_type='np',
    ).images
    tiles = list((images * 255).round().astype('uint8'))
    grid = draw_image_grid(tiles, args.captions, args.columns)
    try:
        write_picture(args.out_file, grid[..., ::-1])
    except ValueError as error:
        raise SystemExit(f'text_to_image_demo: {error}') from error
    print(f'written: {args.out_file}')


if __name__ == '__main__':
    run_main(main)
