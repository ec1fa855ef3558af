"""Writes a trained depth perceptor as a folder that diffusers' Marigold opens."""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from trained_model import MEGABYTE, add_arguments, load

from diffmm.diffusion import open_prior
from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from diffmm.models.perceptors import DiffusionPerceptor, as_marigold_pipeline
from diffmm.utils.command_line import non_negative_int, run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser, 'DiffusionPerceptor')
    parser.add_argument(
        '--text-encoder',
        help="weights whose text encoder is written (default: the config's pretrained)",
    )
    parser.add_argument(
        '--processing-resolution',
        type=non_negative_int,
        default=0,
        help='longest side that diffusers resizes pictures to by default; 0 keeps '
        'theirs (Marigold: 768)',
    )
    parser.add_argument(
        '--half', action='store_true', help='write half precision instead of single'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    model = load(args, DiffusionPerceptor)
    try:
        weights = args.text_encoder or model.pretrained
        if weights is None:
            raise ValueError(
                f'{args.config} has no pretrained, whose text encoder the folder '
                'needs: name --text-encoder'
            )
        text_encoder = open_prior(weights).text_encoder(model.architecture)
        pipeline = as_marigold_pipeline(model, text_encoder, args.processing_resolution)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    size = write_pipeline_folder(pipeline, args.out, args.half)
    print(f'{args.out}: {size / MEGABYTE:.1f} MB')


if __name__ == '__main__':
    run_main(main)
