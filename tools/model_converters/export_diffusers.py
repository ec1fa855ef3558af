"""Writes a trained text-to-image model as a diffusers folder, in half precision."""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from trained_model import MEGABYTE, add_arguments, load

from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from diffmm.models.generators import TextToImageDiffusion
from diffmm.utils.command_line import run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser, 'TextToImageDiffusion')
    parser.add_argument(
        '--max-megabytes', type=float, default=40.0, help='refuse to write more'
    )
    return parser.parse_args(argv)


def clear_unseen_tokens(model: TextToImageDiffusion) -> int:
    """Sets the embeddings of tokens that occur in no caption to zero.

    They are still the noise of the initialization, which does not compress.

    Returns:
        Number of tokens that keep their embedding.
    """
    unseen = ~model.text.seen_tokens
    with torch.no_grad():
        model.text.model.embeddings.token_embedding.weight[unseen] = 0
    return int((~unseen).sum())


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    model = load(args, TextToImageDiffusion)
    size = 2 * sum(
        parameter.numel()
        for part in (model.unet, model.vae, model.text.model)
        for parameter in part.parameters()
    )
    if size > args.max_megabytes * MEGABYTE:
        raise SystemExit(
            f'error: {size / MEGABYTE:.1f} MB of weights are more than --max-megabytes '
            f'{args.max_megabytes}'
        )
    kept = clear_unseen_tokens(model)
    size = write_pipeline_folder(model.build_pipeline(), args.out)
    print(f'{args.out}: {size / MEGABYTE:.1f} MB, {kept} tokens with a meaning')


if __name__ == '__main__':
    run_main(main)
