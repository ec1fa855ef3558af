"""Ask a generalist about one image, and write what it draws beside the image.

With --ask it follows that instruction; --task says how the drawing is read. Without
--ask it asks about every class of the task, and prints what it found.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.structures import BaseDataElement

from diffmm.apis import GeneralistPredictor
from diffmm.utils.command_line import run_main
from diffmm.utils.tool_config import add_config_options


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('img', type=Path, help='a JPEG or PNG file')
    parser.add_argument('config', help="the trained model's config")
    parser.add_argument('checkpoint', help="the trained model's checkpoint")
    parser.add_argument(
        '--task', required=True, help='"depth", "segmentation", "detection" ...'
    )
    parser.add_argument('--ask', metavar='TEXT', help='such as "detect the car"')
    parser.add_argument(
        '--out-file',
        type=Path,
        help='where to write both (default: IMG_answer.png in this folder)',
    )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    add_config_options(parser)
    return parser.parse_args(argv)


def summarize(sample: BaseDataElement, classes: tuple[str, ...]) -> list[str]:
    """Say what was found of every class, most of it first."""
    if 'pred_depth_map' in sample:
        depth = sample.pred_depth_map.data
        return [f'{depth.min():.2f} m to {depth.max():.2f} m']
    if 'pred_instances' in sample:
        counts = Counter(sample.pred_instances.labels.tolist())
        return [f'{count:5d}  {classes[i]}' for i, count in counts.most_common()]
    if 'pred_sem_seg' in sample:
        labels = sample.pred_sem_seg.data
        counts = Counter(labels.flatten().tolist())
        return [
            f'{count / labels.numel():7.2%}  '
            f'{classes[i] if i < len(classes) else "no class"}'
            for i, count in counts.most_common()
        ]
    return [classes[sample.metainfo['pred_label']]]


def main(argv: list[str] | None = None) -> None:
    """Ask the config's model about the image."""
    args = parse_args(argv)
    try:
        predictor = GeneralistPredictor(
            args.config, args.checkpoint, args.device, args.cfg_options
        )
        if args.ask is None:
            sample = predictor.perceive(args.img, args.task)
            classes = predictor.model.codec.tasks[args.task].classes
            print('\n'.join(summarize(sample, classes) or ['nothing']))
            return
        answer = predictor.ask(args.img, args.ask, args.task)
        out_file = args.out_file or Path(f'{args.img.stem}_answer.png')
        answer.save_drawing(out_file)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'generalist_demo: {error}') from error
    print(f'{args.ask}: {answer.describe()}')
    print(f'written: {out_file}')


if __name__ == '__main__':
    run_main(main)
