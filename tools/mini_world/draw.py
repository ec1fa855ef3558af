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
)
from diffmm.mini_world.drawing.preview import (
    check_preview_name,
    contact_sheet,
    write_sheet,
)
from diffmm.mini_world.generation import (
    count_scenes,
    generate_worlds,
    world_settings,
)
from diffmm.mini_world.layouts import ALL_LAYOUTS, LAYOUTS
from diffmm.mini_world.manifest import Manifest
from diffmm.mini_world.scenes.sampler import sample_scene
from diffmm.utils.command_line import non_negative_int, positive_int, run_main

ROOT = Path(__file__).resolve().parents[2]
PREVIEW_SCENES = 16


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draws the mini world: small scenes with exact annotations, in the '
        'layouts of real data sets. The same settings give the same files. After '
        'an interruption, the same command draws the missing scenes.'
    )
    parser.add_argument(
        'out', help='folder to write to; with --tables the one that stands for data/'
    )
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
    parser.add_argument(
        '--tables',
        nargs='*',
        metavar='FILE.yml',
        help='draw every mini world that these files declare; all configs/*/tables.yml '
        'if none is named',
    )
    parser.add_argument(
        '--num-train', type=non_negative_int, default=4000, help='training scenes'
    )
    parser.add_argument(
        '--num-val', type=non_negative_int, default=300, help='validation scenes'
    )
    parser.add_argument(
        '--size', type=positive_int, default=128, help='side in pixels, 64..512'
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the world')
    parser.add_argument('--workers', type=positive_int, default=2, help='processes')
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
    args = parser.parse_args(argv)
    if args.tables is not None:
        for name in ('layout', 'style', 'num_train', 'num_val', 'size', 'seed'):
            value = getattr(args, name)
            if value != parser.get_default(name):
                option = f'--{name.replace("_", "-")}'
                parser.error(f'--tables declare it all; leave {option} {value} out')
        if args.preview:
            parser.error('--preview shows one world; leave --tables out')
    return args


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


def make_worlds(args: argparse.Namespace) -> dict[Path, Manifest]:
    """Settings of the worlds that are asked for, by their folders."""
    if args.tables is not None:
        # They need torch and the hosts, which take their time.
        from diffmm.studies import declared_worlds, load_tables

        paths = [Path(path) for path in args.tables] or sorted(
            ROOT.glob('configs/*/tables.yml')
        )
        return declared_worlds([load_tables(path) for path in paths], Path(args.out))
    settings = world_settings(
        args.layout, args.num_train, args.num_val, args.size, args.seed, args.style
    )
    return {Path(args.out): settings}


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        if args.preview:
            check_preview_name(args.preview)
        worlds = make_worlds(args)
        drawn = generate_worlds(worlds, args.workers, args.overwrite)
        if args.preview:
            write_sheet(args.preview, contact_sheet(preview_scenes(args)))
    except (FileExistsError, FileNotFoundError, ValueError) as error:
        sys.exit(f'draw.py: error: {error}')
    except (OSError, BrokenProcessPool) as error:
        sys.exit(
            f'draw.py: error: {error}; what is written stays: remove the cause '
            f'and give the same command again'
        )
    total = sum(
        count_scenes(each.layout, each.num_train, each.num_val)
        for each in worlds.values()
    )
    print(f'{args.out}: {drawn} scenes drawn, {total - drawn} were there already')


if __name__ == '__main__':
    run_main(main)
