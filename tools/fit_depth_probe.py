"""Fit the depth probe that comes with the package, and score it on held-out scenes.

AbsRel and delta_1 are of metric depth, without alignment. Beside the probe stands the
mean depth of each row of the training scenes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
from tqdm import trange

from diffmm.apis.depth_probe import SHIPPED, DepthProbe
from diffmm.mini_world import Renderer, SceneSampler
from diffmm.utils.command_line import positive_int, run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--scenes', type=positive_int, default=400, help='to fit it')
    parser.add_argument(
        '--val-scenes', type=positive_int, default=200, help='to score it'
    )
    parser.add_argument('--ridge', type=float, default=1e-3, help='penalty')
    parser.add_argument('--seed', type=int, default=0, help='of the scenes')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='pixels of a side'
    )
    parser.add_argument('--out', type=Path, default=SHIPPED, help='file to write')
    return parser.parse_args(argv)


def draw(
    args: argparse.Namespace, split: str, count: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures (BGR) with their depth in meters."""
    sampler, renderer = SceneSampler(args.seed), Renderer(args.size)
    for index in trange(count, desc=split):
        rendered = renderer.render(sampler.sample(split, index))
        yield np.ascontiguousarray(rendered.image[..., ::-1]), rendered.depth


def score(estimate: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """AbsRel and delta_1 where the depth is known, in percent."""
    estimate = np.broadcast_to(estimate, truth.shape)[truth > 0]
    truth = truth[truth > 0]
    ratio = np.maximum(estimate / truth, truth / estimate)
    error = abs(estimate - truth) / truth
    return 100 * float(error.mean()), 100 * float((ratio < 1.25).mean())


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    pairs = list(draw(args, 'train', args.scenes))
    depths = np.array([np.where(depth > 0, depth, np.nan) for _, depth in pairs])
    rows = np.nanmean(depths, axis=(0, 2))
    probe = DepthProbe.fit(pairs, side=args.size, ridge=args.ridge)
    scores = {'probe': [], 'mean of each row': []}
    for picture, depth in draw(args, 'val', args.val_scenes):
        scores['probe'].append(score(probe(picture).depth, depth))
        scores['mean of each row'].append(score(rows[:, None], depth))
    for name, values in scores.items():
        error, share = np.mean(values, axis=0)
        print(f'{name}: AbsRel {error:.1f}, delta_1 {share:.1f}')
    probe.save(args.out)
    print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
