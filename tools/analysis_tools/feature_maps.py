"""Draw frozen feature maps of pictures by timestep or stage: Figure 4.

A row is a picture, a column a timestep (or stage). The maps of all strides are brought
to the size of the finest. Their three largest principal components over the pixels of
all pictures of a column are red, green and blue: what has one color has like features.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from feature_space import add_prior_arguments, frozen_priors
from torch import Tensor

from diffmm.apis import to_bgr
from diffmm.utils.command_line import run_main
from diffmm.utils.picture_file import write_picture
from diffmm.visualization import draw_image_grid

CELL = 128


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('pictures', nargs='+', help='a row for each')
    add_prior_arguments(parser)
    parser.add_argument('--out-file', type=Path, default=Path('feature_maps.png'))
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Compute and draw."""
    args = parse_args(argv)
    size = (args.size, args.size)
    pictures = [
        cv2.resize(to_bgr(path), size, interpolation=cv2.INTER_AREA)[..., ::-1]
        for path in args.pictures
    ]
    images = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1
    columns = {'picture': pictures}
    title = 't = {}' if args.by == 'timestep' else '{}'
    for name, backbone in frozen_priors(args):
        with torch.no_grad():
            columns[title.format(name)] = list(paint(backbone(images)))
    cells, captions = [], []
    for row in range(len(pictures)):
        for name, column in columns.items():
            cell = np.ascontiguousarray(column[row])
            cells.append(
                cv2.resize(cell, (CELL, CELL), interpolation=cv2.INTER_NEAREST)
            )
            captions.append(name)
    grid = draw_image_grid(cells, captions, columns=len(columns))
    write_picture(args.out_file, grid[..., ::-1])
    print(args.out_file)


def paint(maps: tuple[Tensor, ...]) -> np.ndarray:
    """Paints maps by their three largest principal components.

    Args:
        maps: Maps (N, C_i, h_i, w_i), fine to coarse.

    Returns:
        RGB pictures of the size of the finest map, (N, h, w, 3), uint8.
    """
    size = maps[0].shape[-2:]
    parts = [
        F.normalize(
            F.interpolate(each, size, mode='bilinear', align_corners=False), dim=1
        )
        for each in maps
    ]
    pixels = torch.cat(parts, dim=1).permute(0, 2, 3, 1)  # (N, h, w, sum of C)
    flat = pixels.flatten(0, 2)
    flat = flat - flat.mean(0)
    axes = torch.linalg.svd(flat, full_matrices=False)[2][:3]
    # The sign of an axis is free; neighbors of a figure shall have the same.
    axes = axes * axes.sum(1, keepdim=True).sign()
    colors = flat @ axes.T  # (N h w, 3)
    low, high = colors.quantile(0.02, dim=0), colors.quantile(0.98, dim=0)
    colors = ((colors - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)
    return (colors * 255).round().byte().view(*pixels.shape[:3], 3).numpy()


if __name__ == '__main__':
    run_main(main)
