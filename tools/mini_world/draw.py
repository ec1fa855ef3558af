"""Draws the mini world and writes it in the layout of a real data set."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from diffmm.mini_world import (
    STYLES,
    RenderedScene,
    Renderer,
    SceneSampler,
    generate,
)
from diffmm.mini_world.drawing.preview import (
    check_preview_name,
    contact_sheet,
    write_sheet,
)
from diffmm.mini_world.generation import count_scenes
from diffmm.mini_world.layouts import ALL_LAYOUTS, LAYOUTS
from diffmm.mini_world.scenes.sampler import sample_scene

PREVIEW_SCENES = 16


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draws the mini world: small scenes with exact annotations, in the '
        'layouts of real data sets. The same settings give the same files. After '
        'an interruption, the same command draws the missing scenes.'
    )
    parser.add_argument('out', help='folder to write to')
    parser.add_argument(
        '--layout',
        default='ade20k',
        help=f'one of {", ".join(LAYOUTS)}, or {ALL_LAYOUTS} for every layout in a '
        'folder of its name',
    )
    parser.add_argument(
        '--style',
        help=f"style of the pictures, one of {', '.join(STYLES)}; the layout's own by "
        'default',
    )
    parser.add_argument('--num-train', type=int, default=4000, help='training scenes')
    parser.add_argument('--num-val', type=int, default=300, help='validation scenes')
    parser.add_argument('--size', type=int, default=128, help='side in pixels, 64..512')
    parser.add_argument('--seed', type=int, default=0, help='seed of the world')
    parser.add_argument('--workers', type=int, default=2, help='processes')
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help="first remove the layout's folders and mini_world.json from the folder",
    )
    parser.add_argument(
        '--preview',
        metavar='FILE.png',
        help=f'also draw the first {PREVIEW_SCENES} scenes beside their masks',
    )
    return parser.parse_args(argv)


def preview_scenes(args: argparse.Namespace) -> list[RenderedScene]:
    """The first scenes of the world, training scenes before validation scenes."""
    sampler, renderer = SceneSampler(args.seed), Renderer(args.size)
    # `all` shows scenes of any place, as ADE20K's layout does.
    name = 'ade20k' if args.layout == ALL_LAYOUTS else args.layout
    layout = LAYOUTS[name](Path(args.out), args.style)
    counts = dict(train=args.num_train, val=args.num_val)
    names = [
        (split, index) for split in layout.splits for index in range(counts[split])
    ]
    scenes = [
        sample_scene(sampler, *name, layout.place) for name in names[:PREVIEW_SCENES]
    ]
    return [layout.styled(renderer.render(scene)) for scene in scenes]


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        if args.preview:
            check_preview_name(args.preview)
        drawn = generate(
            args.out,
            layout=args.layout,
            num_train=args.num_train,
            num_val=args.num_val,
            size=args.size,
            seed=args.seed,
            workers=args.workers,
            overwrite=args.overwrite,
            style=args.style,
        )
        if args.preview:
            write_sheet(args.preview, contact_sheet(preview_scenes(args)))
    except (FileExistsError, ValueError) as error:
        sys.exit(f'draw.py: error: {error}')
    except (OSError, BrokenProcessPool) as error:
        sys.exit(
            f'draw.py: error: {error}; what is written stays: remove the cause '
            f'and give the same command again'
        )
    total = count_scenes(args.layout, args.num_train, args.num_val)
    print(f'{args.out}: {drawn} scenes drawn, {total - drawn} were there already')


if __name__ == '__main__':
    main()
