"""Fit the name probe that comes with the package, and score it on held-out scenes.

With --unseen, pixels of these names are ignored while it is fitted, and their IoU is
reported beside that of the others. All sixteen names of the mini world are asked of
every scene; beside the probe stands the attention alone: every place gets the name to
which it pays the most.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
import torch.nn.functional as F
from mmseg.evaluation import IoUMetric
from tqdm import trange

from diffmm.apis.name_probe import IGNORED, SHIPPED, NameProbe
from diffmm.mini_world import MINI_CLASSES, Renderer, SceneSampler
from diffmm.mini_world.classes import ADE20K_INDEX
from diffmm.utils.command_line import positive_int, run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--scenes', type=positive_int, default=400, help='to fit it')
    parser.add_argument(
        '--val-scenes', type=positive_int, default=100, help='to score it'
    )
    parser.add_argument(
        '--unseen', nargs='*', default=[], choices=MINI_CLASSES, help='names held out'
    )
    parser.add_argument(
        '--epochs', type=positive_int, default=4, help='over the scenes'
    )
    parser.add_argument('--seed', type=int, default=0, help='of scenes and weights')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='pixels of a side'
    )
    parser.add_argument('--out', type=Path, help='file to write; none with --unseen')
    args = parser.parse_args(argv)
    if args.out is None and not args.unseen:
        args.out = SHIPPED
    return args


def draw(
    args: argparse.Namespace, split: str, count: int, names: Sequence[str]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures (BGR) with the index of the name of every pixel."""
    table = np.full(256, IGNORED, np.uint8)
    for index, name in enumerate(names):
        table[ADE20K_INDEX[name]] = index
    sampler, renderer = SceneSampler(args.seed), Renderer(args.size)
    for index in trange(count, desc=split):
        rendered = renderer.render(sampler.sample(split, index))
        yield (
            np.ascontiguousarray(rendered.image[..., ::-1]),
            table[rendered.ade20k_index],
        )


def attend(probe: NameProbe, picture: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Index of the name that every place pays the most attention to."""
    attention = probe.attention(picture, probe.attention.encode(names))
    share = attention.exp().mean(dim=1, keepdim=True)  # (N, 1, h, w)
    fine = F.interpolate(share, picture.shape[:2], mode='bilinear')
    return fine[:, 0].argmax(dim=0).numpy()


def iou_of_names(areas: list[tuple]) -> np.ndarray:
    """IoU of every name in percent, from mmsegmentation's areas of every scene."""
    intersection, union = (sum(each[part] for each in areas) for part in (0, 1))
    return 100 * (intersection / union).numpy()


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    seen = [name for name in MINI_CLASSES if name not in args.unseen]
    names = [*seen, *args.unseen]
    pairs = draw(args, 'train', args.scenes, seen)
    probe = NameProbe.fit(
        pairs, seen, side=args.size, epochs=args.epochs, seed=args.seed
    )
    areas = {'probe': [], 'attention alone': []}
    for picture, labels in draw(args, 'val', args.val_scenes, names):
        found = {
            'probe': probe(picture, names).class_map,
            'attention alone': attend(probe, picture, names),
        }
        for way, class_map in found.items():
            parts = map(torch.from_numpy, (class_map, labels.astype(np.int64)))
            area = IoUMetric.intersect_and_union(*parts, len(names), IGNORED)
            areas[way].append(area)
    for way, values in areas.items():
        iou = iou_of_names(values)
        print(f'{way}: mIoU {np.nanmean(iou):.1f}', end='')
        if args.unseen:
            of_seen, of_unseen = iou[: len(seen)], iou[len(seen) :]
            print(
                f', of {len(seen)} seen {np.nanmean(of_seen):.1f}, of '
                f'{len(args.unseen)} unseen {np.nanmean(of_unseen):.1f}',
                end='',
            )
        print()
    if args.out is not None:
        probe.save(args.out)
        print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
