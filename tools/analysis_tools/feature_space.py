"""Draw frozen features of sketches and photos by timestep or stage: Figure 3.

Each panel has the pictures of one timestep (or stage) in the plane of their two
largest principal components; crosses are sketches, dots photos, colors classes.

The table says how close sketches and photos are before anything is trained. The gap is
the distance between their means, over the mean distance of a picture from the mean of
its kind. Then comes the share of sketches whose nearest photo is of their class, as
the features are, and with the mean of its kind subtracted from each.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor, nn
from tqdm import tqdm

from diffmm.apis import get_backbone, list_backbones, to_bgr
from diffmm.datasets import SketchRetrievalDataset
from diffmm.diffusion import STAGES
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table

TIMESTEPS = (0, 50, 100, 200, 300, 500)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('data_root', help="folder in Sketchy's layout")
    parser.add_argument(
        '--lists', default='zeroshot2', help='folder of the lists (default zeroshot2)'
    )
    add_prior_arguments(parser)
    parser.add_argument(
        '--pictures', type=positive_int, default=60, help='of each kind (default 60)'
    )
    parser.add_argument('--out-file', type=Path, default=Path('feature_space.png'))
    return parser.parse_args(argv)


def add_prior_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what chooses frozen features, and by what they are compared."""
    parser.add_argument('--backbone', choices=list_backbones(), default='mini')
    parser.add_argument('--pretrained', help="weights other than the backbone's own")
    parser.add_argument(
        '--by',
        choices=('timestep', 'stage'),
        default='timestep',
        help='what the parts of the figure differ in',
    )
    parser.add_argument(
        '--timestep', type=int, default=200, help='with --by stage (default 200)'
    )
    parser.add_argument(
        '--size', type=positive_int, default=128, help='side (default 128)'
    )


def main(argv: list[str] | None = None) -> None:
    """Compute, print and draw."""
    args = parse_args(argv)
    dataset = SketchRetrievalDataset(
        dict(
            query=f'{args.lists}/sketch_tx_000000000000_ready_filelist_zero.txt',
            gallery=f'{args.lists}/all_photo_filelist_zero.txt',
        ),
        f'{args.lists}/cname_cid_zero.txt',
        data_root=args.data_root,
    )
    infos = choose(dataset, args.pictures)
    images = torch.stack([load(info['img_path'], args.size) for info in infos])
    labels = torch.tensor([info['gt_label'] for info in infos])
    queries = torch.tensor([info['role'] == 'query' for info in infos])
    panels = {
        name: features(backbone, images) for name, backbone in frozen_priors(args)
    }
    rows = []
    for name, each in panels.items():
        shares = [
            100 * agreement(vectors, labels, queries)
            for vectors in (each, center(each, queries))
        ]
        rows.append([name, f'{gap(each, queries):.1f}', *(f'{s:.1f}' for s in shares)])
    header = [args.by, 'gap', 'nearest photo of the same class (%)', 'centered (%)']
    print(format_table(header, rows, numbers_from=1))
    draw(panels, labels, queries, dataset.metainfo['classes'], args.out_file)
    print(args.out_file)


def frozen_priors(args: argparse.Namespace) -> Iterator[tuple[str, nn.Module]]:
    """Build the backbone of every part of the figure, one after the other.

    Yields:
        The name of the part, a timestep or a stage, and the backbone.
    """
    if args.by == 'timestep':
        parts = {str(t): dict(timestep=t, layers='mid+up') for t in TIMESTEPS}
    else:
        parts = {stage: dict(timestep=args.timestep, layers=stage) for stage in STAGES}
    for name, options in tqdm(parts.items(), desc=f'{args.by}s'):
        yield (
            name,
            get_backbone(
                args.backbone,
                pretrained=args.pretrained or True,
                trainable='none',
                noise='ddpm',
                latent_scale=0.18215,
                **options,
            ),
        )


def choose(dataset: SketchRetrievalDataset, count: int) -> list[dict]:
    """The first pictures of each role, in turns over the classes."""
    rows: dict[tuple, list[dict]] = {}
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        rows.setdefault((info['role'], info['gt_label']), []).append(info)
    chosen = []
    for role in ('query', 'gallery'):
        groups = [each for (kind, _), each in rows.items() if kind == role]
        chosen += [info for group in groups for info in group[: count // len(groups)]]
    return chosen


def load(path: str, size: int) -> Tensor:
    """RGB in [-1, 1], (3, size, size)."""
    image = cv2.resize(to_bgr(path), (size, size), interpolation=cv2.INTER_AREA)
    image = np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1))
    return torch.from_numpy(image).float() / 127.5 - 1


@torch.no_grad()
def features(backbone: nn.Module, images: Tensor) -> Tensor:
    """Means of all maps, each of length 1, (N, sum of channels)."""
    found = []
    for batch in images.split(16):
        means = [F.normalize(each.mean((2, 3)), dim=1) for each in backbone(batch)]
        found.append(torch.cat(means, dim=1))
    return torch.cat(found)


def agreement(vectors: Tensor, labels: Tensor, queries: Tensor) -> float:
    """Share of sketches whose nearest photo is of their class."""
    vectors = F.normalize(vectors, dim=1)
    nearest = (vectors[queries] @ vectors[~queries].T).argmax(1)
    return (labels[~queries][nearest] == labels[queries]).float().mean().item()


def center(vectors: Tensor, queries: Tensor) -> Tensor:
    """Vectors less the mean of their kind."""
    photos = vectors[~queries].mean(0)
    return vectors - torch.where(queries[:, None], vectors[queries].mean(0), photos)


def gap(vectors: Tensor, queries: Tensor) -> float:
    """Distance between the means of the kinds, over the mean distance from them."""
    distance = (vectors[queries].mean(0) - vectors[~queries].mean(0)).norm()
    return (distance / center(vectors, queries).norm(dim=1).mean()).item()


def draw(
    panels: dict[str, Tensor],
    labels: Tensor,
    queries: Tensor,
    classes: tuple[str, ...],
    path: Path,
) -> None:
    """Draws the panels into a file."""
    figure = Figure(figsize=(3 * len(panels), 3.3), layout='constrained')
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (name, vectors) in zip(axes, panels.items(), strict=True):
        centered = vectors - vectors.mean(0)
        plane = torch.linalg.svd(centered, full_matrices=False)[2][:2]
        x, y = (centered @ plane.T).T
        for label, title in enumerate(classes):
            for kind, marker in ((queries, 'x'), (~queries, '.')):
                rows = (labels == label) & kind
                legend = title if marker == '.' else None
                ax.plot(x[rows], y[rows], marker, color=f'C{label % 10}', label=legend)
        ax.set_title(name)
        ax.set_xticks([])
        ax.set_yticks([])
    if len(classes) <= 10:
        axes[-1].legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    FigureCanvasAgg(figure).print_png(str(path))


if __name__ == '__main__':
    run_main(main)
