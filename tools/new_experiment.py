"""Writes a config for your own pictures.

The pictures come with masks (one class for each pixel), with a COCO file of boxes, or
with depth maps. All files are read to their end and compared with each other before
anything is written. The config needs no other file of DiffMM, so it also runs in a
checkout of mmsegmentation or mmdetection.

    new_experiment.py my.py --images photos --masks masks --classes sky tree person
    new_experiment.py my.py --images photos --coco boxes.json --system detection
    new_experiment.py my.py --images photos --depth depth --units-per-meter 1000
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from diffmm.own_data import PRIORS, SYSTEMS, DataError, Request, new_experiment
from diffmm.own_data.captions import CAPTIONERS
from diffmm.utils.command_line import positive_int, run_main

DATA = ('masks', 'coco', 'depth')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', type=Path, help='the .py file to write')
    parser.add_argument('--images', type=Path, required=True, help='their folder')
    kinds = parser.add_mutually_exclusive_group(required=True)
    kinds.add_argument('--masks', type=Path, help='folder of masks')
    kinds.add_argument('--coco', type=Path, help='COCO file of boxes')
    kinds.add_argument('--depth', type=Path, help='folder of 16-bit depth maps')
    parser.add_argument(
        '--system', choices=SYSTEMS, default='vpd', help='default: %(default)s'
    )
    parser.add_argument(
        '--prior',
        choices=PRIORS,
        default='mini',
        help='"mini" (default) trains on a laptop, "sd15" on a GPU; Marigold has '
        'Stable Diffusion 2 there',
    )
    parser.add_argument(
        '--gpus', type=positive_int, default=1, help='that will train (default: 1)'
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace a config of that name'
    )
    validation = parser.add_argument_group(
        'validation', 'a share of the pictures, or pictures of their own'
    )
    validation.add_argument('--val-share', type=float, default=0.1, help='default: 0.1')
    for name in ('images', *DATA):
        validation.add_argument(f'--val-{name}', type=Path)
    names = parser.add_argument_group('classes of masks')
    names.add_argument(
        '--classes',
        nargs='+',
        default=[],
        metavar='NAME[=VALUE]',
        help='in the order of their numbers 0, 1, 2 ..., or with the number or the '
        'R,G,B color that stands for each in the files',
    )
    names.add_argument('--class-file', type=Path, help='the same, one a line, in UTF-8')
    names.add_argument(
        '--zero-is-unlabeled',
        action='store_true',
        help='0 is no class, and the classes have 1, 2, 3 ...',
    )
    names.add_argument(
        '--skip-unlabeled', action='store_true', help='leave pictures without mask out'
    )
    prompts = parser.add_argument_group('prompts')
    prompts.add_argument(
        '--prompt-words',
        nargs='+',
        metavar='WORD',
        help='English words for the classes, in their order (default: their names)',
    )
    prompts.add_argument(
        '--scene', default='scene', help="VPD's prompt for depth (default: scene)"
    )
    prompts.add_argument(
        '--captions', type=Path, help='caption file for TADP (default: written)'
    )
    prompts.add_argument(
        '--captioner',
        help=f'model that writes it (default: {" or ".join(CAPTIONERS.values())}, by '
        'the prior)',
    )
    prompts.add_argument('--device', default='cpu', help='of the captioner')
    depth = parser.add_argument_group('depth')
    depth.add_argument(
        '--units-per-meter', type=float, default=1000.0, help='default: 1000, mm'
    )
    depth.add_argument(
        '--max-depth', type=float, help='meters (default: the farthest, rounded up)'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Checks the data and writes the config."""
    args = parse_args(argv)
    try:
        kind, request = read_request(args)
        lines = new_experiment(kind, request)
    except (DataError, OSError) as error:
        print(f'new_experiment: {error}', file=sys.stderr)
        raise SystemExit(2) from error
    print('\n'.join(lines))


def read_request(args: argparse.Namespace) -> tuple[str, Request]:
    """Turns arguments into a request.

    Args:
        args: Those of `parse_args`.

    Returns:
        What the pictures come with: ``'masks'``, ``'coco'`` or ``'depth'``; and the
        request.

    Raises:
        DataError: Some do not go together.
    """
    values = vars(args)
    kind = next(each for each in DATA if values[each] is not None)
    if args.config.suffix != '.py':
        raise DataError(f'the config {str(args.config)!r} must end in .py')
    if args.config.exists() and not args.overwrite:
        raise DataError(f'{str(args.config)!r} exists already; --overwrite replaces it')
    labels = {each: (values.pop(each), values.pop(f'val_{each}')) for each in DATA}
    wrong = [each for each in DATA if each != kind and labels[each][1] is not None]
    if wrong:
        raise DataError(f'--val-{wrong[0]} does not go with --{kind}')
    own, val = labels[kind]
    if (args.val_images is None) != (val is None):
        raise DataError(f'--val-images and --val-{kind} go together; give both or none')
    if kind != 'masks' and (args.classes or args.class_file):
        raise DataError(f'--classes belongs to --masks; --{kind} has no use for it')
    if args.captions and args.system != 'tadp':
        raise DataError(f'--captions: --system {args.system} reads none, tadp does')
    values.pop('overwrite')
    command = ('new_experiment.py', *sys.argv[1:])
    return kind, Request(**values, labels=own, val_labels=val, command=command)


if __name__ == '__main__':
    run_main(main)
