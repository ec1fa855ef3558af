"""Compare a config's backbone with the plain diffusers UNet: time, memory, FLOPs.

With --reference compare it with the released VPD instead, in alternating processes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import diffmm  # before torch, so that it decides how threads wait

# isort: split
import diffusers
import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import MODELS, init_default_scope

from diffmm.benchmark import (
    PARTS,
    PASSES,
    SIDES,
    ReleasedVPD,
    UNetBenchmark,
    alternate,
    check_checkout,
    compare,
    format_comparison,
    format_report,
    lookup_peak_tflops,
    measure_pass,
    summarize,
)
from diffmm.utils.bfloat16 import say_if_slow
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.tool_config import add_config_options, merge_options


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_backbone_arguments(parser, size=512)
    parser.add_argument('--repeats', type=positive_int, default=5, help='timed rounds')
    parser.add_argument(
        '--device', help='"cpu" or "cuda[:N]"; by default the GPU if there is one'
    )
    parser.add_argument(
        '--precision',
        choices=('fp32', 'bf16'),
        default='fp32',
        help='bf16 runs under autocast',
    )
    parser.add_argument(
        '--parts', nargs='+', choices=PARTS, default=PARTS, help='what to measure'
    )
    parser.add_argument('--threads', type=positive_int, help='CPU threads of PyTorch')
    parser.add_argument(
        '--peak-tflops', type=float, help="the device's peak rate, for MFU"
    )
    parser.add_argument(
        '--reference',
        type=Path,
        metavar='PATH',
        help='a checkout of VPD with its submodule: compare with it, from image to '
        'features (parts forward and train), each in a process of its own; it runs in '
        'fp32, as released',
    )
    parser.add_argument('--side', choices=SIDES, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def add_backbone_arguments(parser: argparse.ArgumentParser, size: int) -> None:
    """Add what every measurement of a backbone takes.

    Args:
        parser: The script's parser, changed in place.
        size: Default side of the images in pixels.
    """
    parser.add_argument(
        'config', help='a config with model.backbone, or with backbone alone'
    )
    parser.add_argument(
        '--size',
        type=positive_int,
        nargs=2,
        default=(size, size),
        metavar=('H', 'W'),
        help='image size in pixels',
    )
    parser.add_argument('--batch', type=positive_int, default=1, help='images per run')
    parser.add_argument('--out', type=Path, help='write the results as JSON')
    add_config_options(parser)


def find_backbone(config: Config) -> ConfigDict:
    """Return the backbone's part of a config.

    Raises:
        ValueError: If the config has no backbone.
    """
    if 'model' in config and 'backbone' in config.model:
        return config.model.backbone
    if 'backbone' in config:
        return config.backbone
    raise ValueError(
        f'{config.filename} has neither model.backbone nor backbone: give a config of '
        'a StableDiffusionBackbone'
    )


def build_backbone(args: argparse.Namespace, device: torch.device) -> torch.nn.Module:
    """Build the config's backbone with random weights.

    Raises:
        FileNotFoundError: If the config does not exist.
        ValueError: If it holds no Stable Diffusion backbone.
    """
    if not Path(args.config).is_file():
        raise FileNotFoundError(f'no config at {args.config}')
    config = Config.fromfile(args.config)
    merge_options(config, args.cfg_options)
    init_default_scope(config.get('default_scope') or 'mmengine')
    settings = find_backbone(config)
    # The cost does not depend on the weights, so none need to be at hand.
    settings.pretrained = None
    backbone = MODELS.build(settings)
    if not hasattr(backbone, 'unet'):
        raise ValueError(
            f'{args.config} has a backbone of type {settings.type}, which has no UNet '
            'to compare with: give a config of a StableDiffusionBackbone'
        )
    return backbone.to(device)


def describe_run(args: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Return what one needs to know to repeat the measurement."""
    name = platform.processor() or platform.machine()
    if device.type == 'cuda':
        name = torch.cuda.get_device_name(device)
    return {
        'command': shlex.join(['python', *sys.argv]),
        'config': args.config,
        'size': list(args.size),
        'batch': args.batch,
        'precision': args.precision,
        'repeats': args.repeats,
        'device': str(device),
        'device_name': name,
        'threads': torch.get_num_threads(),
        'torch': torch.__version__,
        'diffusers': diffusers.__version__,
        'diffmm': diffmm.__version__,
    }


def write_results(path: Path | None, results: dict[str, Any]) -> None:
    """Write the results as JSON, if a file is named."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=2) + '\n')
        print(f'written: {path}')


def measure_side(args: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Measure a part of a side of a comparison with a reference, in this process."""
    module: torch.nn.Module = build_backbone(args, device)
    precision = args.precision
    if args.side == 'reference':
        tokens = module.prompt(1, module.prompt.example_texts(1)).shape[1]
        module = ReleasedVPD(args.reference, args.size[0], tokens).to(device)
        precision = 'fp32'
    images = torch.rand(args.batch, 3, *args.size, device=device) * 2 - 1
    (part,) = args.parts
    return measure_pass(module, images, part, precision)


def compare_with_reference(
    args: argparse.Namespace, argv: Sequence[str]
) -> dict[str, Any]:
    """Run the released VPD and this backbone in alternating processes.

    Raises:
        ValueError: The checkout is not VPD, or it cannot run what is asked for.
    """
    check_checkout(args.reference)
    if args.size[0] != args.size[1] or args.size[0] % 64:
        raise ValueError(
            f'--size {args.size[0]} {args.size[1]}: the released VPD takes squares '
            'whose side is a multiple of 64'
        )

    def command_of(side: str, part: str, out: Path) -> list[str]:
        script = [sys.executable, str(Path(__file__).resolve())]
        # The last of each option counts.
        options = ['--side', side, '--parts', part, '--out', str(out)]
        return [*script, *argv, *options]

    parts = [part for part in PASSES if part in args.parts]
    rounds = alternate(command_of, parts, args.repeats)
    rows = compare(rounds)
    print(format_comparison(rows))
    return dict(rounds=rounds, rows=rows)


def main(argv: list[str] | None = None) -> None:
    """Measure and report."""
    args = parse_args(argv)
    if args.reference:
        args.parts = PASSES if args.parts is PARTS else args.parts
        if not set(args.parts) <= set(PASSES):
            raise ValueError(
                f'--reference knows the parts {" and ".join(PASSES)}, got '
                f'{" ".join(args.parts)}'
            )
    # PyTorch's profiler otherwise reports a missing GPU driver as an error.
    os.environ.setdefault('KINETO_LOG_LEVEL', '5')
    device = torch.device(
        args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    )
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    if args.side:
        args.out.write_text(json.dumps(measure_side(args, device)))
        return
    if args.precision == 'bf16':
        say_if_slow(device.type)
    results = describe_run(args, device)
    print('\n'.join(f'{key}: {value}' for key, value in results.items()), flush=True)

    if args.reference:
        results |= compare_with_reference(args, sys.argv[1:] if argv is None else argv)
        write_results(args.out, results)
        return
    backbone = build_backbone(args, device)
    benchmark = UNetBenchmark(backbone, tuple(args.size), args.batch, args.precision)
    peak = args.peak_tflops
    if peak is None and device.type == 'cuda':
        peak = lookup_peak_tflops(results['device_name'], args.precision)
        if peak is None:
            print('no known peak rate of this device: give --peak-tflops for MFU')
    measurements = benchmark.run(args.parts, args.repeats)
    results['context_tokens'] = benchmark.inputs[1].shape[1]
    results['peak_tflops'] = peak
    results['rows'] = summarize(measurements, peak)

    print(f'\n{results["context_tokens"]} context tokens; peak rate {peak} TFLOP/s')
    print(format_report(results['rows']))
    write_results(args.out, results)


if __name__ == '__main__':
    run_main(main)
