"""List the layers of a UNet that can be features, with their shapes.

The names are what StableDiffusionBackbone takes as layers=[...]. With --stages, it
lists the maps of Vermouth's stages instead, which are sets of layers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch

from diffmm.diffusion import (
    STAGES,
    FeatureUNet,
    UNetLayer,
    architecture_names,
    load_architecture,
)
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('arch', choices=architecture_names(), help='the architecture')
    parser.add_argument(
        '--size',
        type=positive_int,
        default=512,
        help="the picture's side (default 512)",
    )
    parser.add_argument(
        '--tokens', type=positive_int, default=77, help='of the context (default 77)'
    )
    parser.add_argument('--stages', action='store_true', help="Vermouth's stages")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    args = parse_args(argv)
    with torch.device('meta'):
        unet = FeatureUNet.build(load_architecture(args.arch).unet)
    layers = unet.list_layers()
    if args.stages:
        rows = list(stage_rows(layers, args))
        print(format_table(['stage', 'layers', 'shape'], rows))
        return
    rows = [
        [layer.name, layer.kind, shape(channels(layer, args), layer.level, args.size)]
        for layer in layers
    ]
    print(format_table(['layer', 'kind', 'shape'], rows))


def stage_rows(
    layers: list[UNetLayer], args: argparse.Namespace
) -> Iterator[list[str]]:
    """Rows of the maps of every stage."""
    known = {layer.name: layer for layer in layers}
    for stage, maps in STAGES.items():
        for each in maps:
            names = ' and '.join(each.layers)
            if each.mean:
                names = f'mean of {", ".join(each.layers)}'
            width = each.channels(known, args.tokens)
            yield [stage, names, shape(width, each.level, args.size)]


def channels(layer: UNetLayer, args: argparse.Namespace) -> int:
    """Channels of a layer; those of maps of attention depend on what is attended to."""
    if layer.channels is not None:
        return layer.channels
    if '.attn2.' in layer.name:
        return args.tokens
    return (-(-args.size // 64) * 64 // 8 >> layer.level) ** 2


def shape(width: int, level: int, size: int) -> str:
    """Channels, height and width of a map."""
    side = -(-size // (8 << level))
    return f'{width}x{side}x{side}'


if __name__ == '__main__':
    run_main(main)
