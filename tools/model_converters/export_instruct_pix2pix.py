"""Writes a trained InstructPerceptor as a folder that diffusers' InstructPix2Pix opens.

The folder is also a `pretrained` of DiffMM.
"""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from trained_model import MEGABYTE, add_arguments, load

from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from diffmm.models.perceptors import InstructPerceptor, as_instruct_pix2pix_pipeline
from diffmm.utils.command_line import run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser, 'InstructPerceptor')
    parser.add_argument(
        '--half', action='store_true', help='write half precision instead of single'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    model = load(args, InstructPerceptor)
    try:
        pipeline = as_instruct_pix2pix_pipeline(model)
    except ValueError as error:
        raise SystemExit(f'error: {error}') from error
    size = write_pipeline_folder(pipeline, args.out, args.half)
    print(f'{args.out}: {size / MEGABYTE:.1f} MB')
    strengths = model.guidance
    print(
        f'guidance of the config: guidance_scale={strengths.text}, '
        f'image_guidance_scale={strengths.image}'
    )


if __name__ == '__main__':
    run_main(main)
