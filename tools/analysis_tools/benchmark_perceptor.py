"""Measure what a perceptor's UNet costs, beside diffusers' plain one of the same size.

A step of sampling has the image's part of the input layer and the text's keys and
values kept, as in a test; a training step is forward and backward. The VAE is apart.
Weights, pictures and texts are random: they do not change the time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from benchmark_guidance import add_perceptor_arguments, build_perceptor, format_steps
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from diffmm.benchmark.timing import time_interleaved
from diffmm.models.perceptors import DiffusionPerceptor
from diffmm.utils.command_line import positive_int, run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_perceptor_arguments(parser, DiffusionPerceptor, repeats=5)
    parser.add_argument(
        '--threads', type=positive_int, default=1, help='CPU threads of PyTorch'
    )
    return parser.parse_args(argv)


def measure(args: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds of every round, by pass and side."""
    model = build_perceptor(args, DiffusionPerceptor)
    plain = UNet2DConditionModel(**model.architecture.unet).to(args.device)
    pictures = torch.rand(1, 3, args.size, args.size, device=args.device) * 2 - 1
    timestep = torch.tensor(500, device=args.device)
    with torch.no_grad():
        conditioning, _ = model.encode(pictures)
        kept = model.keep(conditioning)
    noisy = torch.randn_like(conditioning.image)

    def predict_plainly() -> Tensor:
        both = torch.cat([conditioning.image, noisy], dim=1)
        return plain(both, timestep, conditioning.context).sample

    def sample(predict: Callable[[], Tensor]) -> None:
        with torch.no_grad():
            predict()

    def train(predict: Callable[[], Tensor], unet: nn.Module) -> None:
        predict().square().mean().backward()
        unet.zero_grad(set_to_none=True)

    functions = {
        'sampling, diffusers': lambda: sample(predict_plainly),
        'sampling, ours': lambda: sample(lambda: model.denoise(kept, noisy, timestep)),
        'training, diffusers': lambda: train(predict_plainly, plain),
        'training, ours': lambda: train(
            lambda: model.denoise(conditioning, noisy, timestep), model.unet
        ),
    }
    return time_interleaved(functions, args.repeats, torch.device(args.device))


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    args = parse_args(argv)
    torch.set_num_threads(args.threads)
    seconds = measure(args)
    plain = {name: name.replace('ours', 'diffusers') for name in seconds}
    print(format_steps(seconds, plain, 'x diffusers'))


if __name__ == '__main__':
    run_main(main)
