"""Measure what a step of guided denoising costs, beside a plain pass of the UNet.

Weights, picture and texts are random: they do not change the time.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from statistics import median

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.model import BaseModel
from mmengine.registry import MODELS, init_default_scope

from diffmm.apis import get_config
from diffmm.benchmark.timing import time_interleaved
from diffmm.diffusion import InstructGuidance
from diffmm.models.perceptors import InstructPerceptor
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table
from diffmm.utils.tool_config import add_config_options, merge_options

PLAIN = 'the UNet alone'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_perceptor_arguments(parser, InstructPerceptor, repeats=15)
    return parser.parse_args(argv)


def add_perceptor_arguments(
    parser: argparse.ArgumentParser, kind: type[BaseModel], repeats: int
) -> None:
    """Add what every measurement of a perceptor takes.

    Args:
        parser: The script's parser, changed in place.
        kind: Class of the perceptor.
        repeats: Default number of rounds.
    """
    parser.add_argument('config', help=f'name or file of a config of {kind.__name__}')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='pixels of a side'
    )
    parser.add_argument('--repeats', type=positive_int, default=repeats, help='rounds')
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    add_config_options(parser)


def build_perceptor(args: argparse.Namespace, kind: type[BaseModel]) -> BaseModel:
    """Build a config's perceptor with random weights.

    Raises:
        SystemExit: The config's model is another one.
    """
    cfg = get_config(args.config)
    merge_options(cfg, args.cfg_options)
    cfg.model.pretrained = None
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model).to(args.device)
    if not isinstance(model, kind):
        raise SystemExit(f'error: {args.config} builds no {kind.__name__}')
    model.unet.disable_gradient_checkpointing()
    return model


@torch.no_grad()
def measure(args: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds of every round, by what ran."""
    model = build_perceptor(args, InstructPerceptor).eval()
    side = args.size // model.vae.stride
    image, noisy = torch.randn(2, 1, 4, side, side, device=args.device)
    timestep = torch.tensor(500, device=args.device)
    texts, denied = ['the red ball'], [['the tree']]
    guidance = InstructGuidance(text=7.5, image=1.5, correction=2.5)
    off = model.guide(image, texts, [()], InstructGuidance(text=1.0, image=1.0))
    guided = model.guide(image, texts, denied, guidance)
    nothing = torch.zeros_like(image)
    branches = [
        model.tell(*told)
        for told in (
            *((nothing, ['']), (image, [''])),
            *((image, denied[0]), (image, texts)),
        )
    ]
    functions = {
        PLAIN: lambda: model.denoise(branches[-1], noisy, timestep),
        'guidance off': lambda: off(noisy, timestep),
        'four branches in one call': lambda: guided(noisy, timestep),
        'four branches in four calls': lambda: [
            model.denoise(branch, noisy, timestep) for branch in branches
        ],
    }
    return time_interleaved(functions, args.repeats, torch.device(args.device))


def format_steps(
    seconds: Mapping[str, Sequence[float]], plain: Mapping[str, str], title: str
) -> str:
    """Lay out medians, and medians of the ratios round by round.

    Args:
        seconds: Of every round, by what ran.
        plain: What each is compared with.
        title: Of the column of ratios.
    """
    rows = []
    for name, own in seconds.items():
        base = seconds[plain[name]]
        ratios = [a / b for a, b in zip(own, base, strict=True)]
        rows.append([name, f'{1000 * median(own):.1f}', f'{median(ratios):.3f}'])
    return format_table(('a step', 'ms', title), rows, numbers_from=1)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    seconds = measure(parse_args(argv))
    print(format_steps(seconds, dict.fromkeys(seconds, PLAIN), 'x the UNet alone'))


if __name__ == '__main__':
    run_main(main)
