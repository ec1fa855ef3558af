"""Draw variations of a picture by texts, with more and more noise (TADP, Figure S1).

Noise of a strength is added to the picture's latents, and the model denoises them with
each text. A text that names what the picture does not show brings it in.

    image_variation.py photo.png "a bird and a dog" "background airplane bicycle bird"
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline
from PIL import Image
from tqdm import tqdm

from diffmm.apis.image_input import to_bgr
from diffmm.diffusion import WeightsError
from diffmm.diffusion.pipeline_folder import read_pipeline_folder
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.picture_file import write_picture
from diffmm.visualization import draw_image_grid


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('image', type=Path, help='the picture')
    parser.add_argument('texts', nargs='+', help='one row of pictures for each')
    parser.add_argument(
        '--pretrained', default='mini', help='"mini" (default) or a diffusers folder'
    )
    parser.add_argument(
        '--steps',
        type=positive_int,
        nargs='+',
        default=[5, 15, 25, 35, 45],
        help='denoising steps that are made, one column for each (TADP: 5 to 45)',
    )
    parser.add_argument(
        '--total',
        type=positive_int,
        default=50,
        help='steps of the whole schedule (TADP: 50)',
    )
    parser.add_argument('--guidance', type=float, default=7.5, help='guidance scale')
    parser.add_argument('--seed', type=int, default=0, help='seed of the noise')
    parser.add_argument(
        '--size',
        type=positive_int,
        help='resize the picture to a square of so many pixels',
    )
    parser.add_argument('--out-file', type=Path, default=Path('image_variation.png'))
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    return parser.parse_args(argv)


def draw(args: argparse.Namespace) -> np.ndarray:
    """Draw the grid: the picture, then its variations."""
    too_many = [steps for steps in args.steps if steps > args.total]
    if too_many:
        raise ValueError(f'--steps must be at most {args.total}, got {too_many}')
    pipeline = StableDiffusionImg2ImgPipeline(
        **read_pipeline_folder(args.pretrained).components,
        requires_safety_checker=False,
    ).to(args.device)
    pipeline.set_progress_bar_config(disable=True)
    image = Image.fromarray(to_bgr(args.image)[..., ::-1])
    if args.size is not None:
        image = image.resize((args.size, args.size))
    # As the pipeline does, whose pictures stand beside it.
    image = pipeline.image_processor.resize(
        image, *pipeline.image_processor.get_default_height_width(image)
    )
    tiles, captions = [], []
    for text in tqdm(args.texts, desc='texts'):
        tiles.append(np.asarray(image))
        captions.append(text)
        for steps in args.steps:
            result = pipeline(
                text,
                image=image,
                # A little more, since the pipeline rounds down.
                strength=min((steps + 1e-3) / args.total, 1.0),
                num_inference_steps=args.total,
                guidance_scale=args.guidance,
                generator=torch.Generator().manual_seed(args.seed),
                output_type='np',
            )
            tiles.append((result.images[0] * 255).round().astype('uint8'))
            captions.append(f'{steps} of {args.total}')
    return draw_image_grid(tiles, captions, 1 + len(args.steps))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        write_picture(args.out_file, draw(args)[..., ::-1])
    except (FileNotFoundError, ValueError, WeightsError) as error:
        raise SystemExit(f'error: {error}') from error
    print(f'written: {args.out_file}')


if __name__ == '__main__':
    run_main(main)
