"""Checks the annotations of mini-world scenes against each other."""

from __future__ import annotations

import argparse
import itertools
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from diffmm.mini_world import Renderer, SceneSampler
from diffmm.mini_world.checks.consistency import CHECKS
from diffmm.mini_world.checks.scenes import check_scenes
from diffmm.mini_world.checks.sheets import (
    annotation_sheet,
    object_sheet,
    style_sheet,
)
from diffmm.mini_world.drawing.preview import write_sheet
from diffmm.utils.command_line import Verdict, positive_int, run_main

# Largest number of messages that are printed.
SHOWN = 20
# Scenes on a sheet of annotations or styles, and scenes searched for objects.
SHEET_SCENES, OBJECT_SCENES = 3, 40
# Sides of their pictures in pixels.
SMALL, LARGE, OBJECT_SIZE = 128, 176, 72


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draws scenes and checks that masks, boxes, keypoints, depth, '
        'referring expressions and captions agree. Ends with status 1 if they do not.'
    )
    parser.add_argument(
        '--scenes', type=positive_int, default=1000, help='number of scenes'
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the world')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='side in pixels, 64..512'
    )
    parser.add_argument('--workers', type=positive_int, default=2, help='processes')
    parser.add_argument(
        '--split', default='train', choices=('train', 'val'), help='which scenes'
    )
    parser.add_argument(
        '--sheets',
        metavar='FOLDER',
        help='also draw styles.png, annotations.png and objects.png there, which show '
        f'the first {SHEET_SCENES} scenes that have a person',
    )
    return parser.parse_args(argv)


def draw_sheets(args: argparse.Namespace) -> None:
    """Draws what the checks compare."""
    folder, sampler = Path(args.sheets), SceneSampler(args.seed)
    scenes = (sampler.sample(args.split, index) for index in itertools.count())
    peopled = (scene for scene in scenes if any(item.pose for item in scene.objects))
    chosen = list(itertools.islice(peopled, OBJECT_SCENES))
    small = [Renderer(SMALL).render(scene) for scene in chosen]
    large = [Renderer(LARGE).render(scene) for scene in chosen[:SHEET_SCENES]]
    write_sheet(folder / 'styles.png', style_sheet(small[:SHEET_SCENES]))
    write_sheet(folder / 'annotations.png', annotation_sheet(large))
    write_sheet(folder / 'objects.png', object_sheet(small, OBJECT_SIZE))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        verdict = check_scenes(
            args.split, args.scenes, args.seed, args.size, args.workers
        )
        if args.sheets:
            draw_sheets(args)
    except (BrokenProcessPool, OSError, ValueError) as error:
        sys.exit(f'check.py: error: {error}')
    print(f'{"check":<12} {"checked":>9} {"wrong":>7}')
    for name in CHECKS:
        print(f'{name:<12} {verdict.checked[name]:>9} {verdict.wrong[name]:>7}')
    messages = verdict.messages
    if messages:
        for index, text in messages[:SHOWN]:
            print(f'{args.split} scene {index}: {text}')
        raise Verdict(
            f'{len(messages)} violations in the scenes of seed {args.seed} at '
            f'{args.size} pixels, {min(SHOWN, len(messages))} shown'
        )


if __name__ == '__main__':
    run_main(main)
