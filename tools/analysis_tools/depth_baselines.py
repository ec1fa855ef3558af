"""Measures what a depth perceptor is compared with: guesses, and what its VAE lets
through."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.config import Config
from mmengine.registry import DATASETS, METRICS, MODELS, init_default_scope
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor
from tqdm import tqdm

from diffmm.datasets.transforms.relative_depth import DepthQuantiles
from diffmm.models.perceptors import DiffusionPerceptor
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table

COLUMNS = {'AbsRel (%)': 'abs_rel', 'd1 (%)': 'd1'}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Measures, with the metric of a config of a DiffusionPerceptor and '
        'on its validation data: a constant, the mean of every row over the training '
        "data, each picture's own row means, and the true depth after its way through "
        'codec and VAE. Rows are those of each data set by itself.'
    )
    parser.add_argument('config')
    parser.add_argument(
        '--max-train',
        type=positive_int,
        default=500,
        help='training maps of each data set',
    )
    return parser.parse_args(argv)


def depths(dataset: Mapping, count: int | None = None) -> Iterator[Tensor]:
    """Depth maps of a data set in meters, (H, W), as they are tested."""
    steps = [
        step
        for step in dataset['pipeline']
        if step['type'].startswith('Load') or step['type'] == 'KBCrop'
    ]
    built = DATASETS.build({**dataset, 'pipeline': steps})
    indices = range(len(built) if count is None else min(count, len(built)))
    for index in tqdm(indices, desc=dataset['ann_file'], unit='map'):
        yield torch.from_numpy(built[index]['gt_depth_map'])


def row_means(maps: Iterator[Tensor]) -> Tensor:
    """Mean depth of every row over maps of one size, (H, 1)."""
    total = count = 0
    for depth in maps:
        valid = (depth > 0) & (depth < depth.new_tensor(80))
        total = total + (depth * valid).sum(dim=1)
        count = count + valid.sum(dim=1)
    return (total / count.clamp(min=1))[:, None]


def round_trip(
    model: DiffusionPerceptor, depth: Tensor, measure: DepthQuantiles
) -> Tensor:
    """The true depth as the VAE returns it, (H, W)."""
    results = measure.transform(dict(gt_depth_map=depth.numpy()))
    meta = {key: results[key] for key in ('depth_range', 'depth_quantiles')}
    sample = BaseDataElement(gt_depth_map=PixelData(data=depth[None]), metainfo=meta)
    target = model.codec.encode([sample])
    _, latents = model.encode(target.pictures, target.pictures)
    return model.read(latents, depth.shape)[0, 0]


def quantiles_of(dataset: Mapping) -> DepthQuantiles:
    """The step of a training pipeline that measures the ends of depth."""
    (step,) = (s for s in dataset['pipeline'] if s['type'] == 'DepthQuantiles')
    options = {key: value for key, value in step.items() if key != 'type'}
    return DepthQuantiles(**options)


@torch.no_grad()
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    cfg = Config.fromfile(args.config)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    if not isinstance(model, DiffusionPerceptor):
        raise SystemExit(f'error: {args.config} builds no DiffusionPerceptor')
    model.init_weights()
    model.eval()
    rows = (
        'constant',
        'rows of the training data',
        "each picture's own rows",
        'VAE, round trip',
    )
    metrics = {name: METRICS.build(cfg.val_evaluator) for name in rows}
    sources = (cfg[f'{name}_dataloader'].dataset.datasets for name in ('train', 'val'))
    for train, val in zip(*sources, strict=True):
        mean, measure = row_means(depths(train, args.max_train)), quantiles_of(train)
        for depth in depths(val):
            guesses = (
                torch.zeros_like(depth),
                mean.expand_as(depth),
                row_means(iter([depth])).expand_as(depth),
                round_trip(model, depth, measure),
            )
            for name, guess in zip(rows, guesses, strict=True):
                sample = dict(
                    pred_depth_map=dict(data=guess[None]),
                    gt_depth_map=dict(data=depth[None]),
                )
                metrics[name].process({}, [sample])
    table = []
    for name, metric in metrics.items():
        found = metric.compute_metrics(metric.results)
        table.append([name, *(f'{100 * found[key]:.1f}' for key in COLUMNS.values())])
    print(format_table(('', *COLUMNS), table))


if __name__ == '__main__':
    run_main(main)
