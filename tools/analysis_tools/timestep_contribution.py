"""Measure what each timestep of a trained perceptor contributes (ADDP, section 3.1).

The validation set of the config is denoised, and its metric is measured on the way,
sample by sample: its mean after every step (Figures 1, 3 and 7), and how much each step
explains of the final metric. TimestepSamplingHook takes the file as its `weights`.

    timestep_contribution.py CONFIG CHECKPOINT --metric d1 --steps 100 --columns 2 20 40
        60 80 100
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from mmengine.registry import METRICS, DefaultScope
from mmengine.runner import Runner
from tqdm import tqdm

from diffmm.apis import get_config, get_model
from diffmm.diffusion import (
    add_floor,
    describe_weights,
    incremental_r2,
    schedule_weights,
    spread_over_timesteps,
)
from diffmm.diffusion.contribution import SAMPLES_PER_COLUMN, check_floor
from diffmm.models.perceptors import DiffusionPerceptor, measure_denoising
from diffmm.models.perceptors.denoising_quality import DenoisingQuality
from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.picture_file import check_picture, write_picture
from diffmm.utils.text_table import format_table
from diffmm.utils.tool_config import add_config_options, merge_options
from diffmm.visualization.timestep_plots import (
    draw_metric_curves,
    draw_timestep_weights,
)

# Close together where predictions are decided.
TIMESTEPS = (999, 990, 980, 960, 930, 900, 800, 600, 300)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='a config of a DiffusionPerceptor')
    parser.add_argument('checkpoint')
    add_measurement_arguments(parser)
    parser.add_argument(
        '--floor', type=float, default=0.0, help='share of equal weights in the file'
    )
    parser.add_argument('--out', type=Path, help='JSON file of the weights')
    parser.add_argument(
        '--beside',
        type=Path,
        nargs='*',
        default=[],
        help='JSON files of other checkpoints, to be drawn beside this one',
    )
    parser.add_argument(
        '--picture', type=Path, help='curve of the metric, as a picture'
    )
    parser.add_argument(
        '--weights-picture', type=Path, help='the weights, as a picture'
    )
    args = parse_measurement(parser, argv)
    if count_columns(args) < 2:
        parser.error('contributions compare steps: give at least two to measure')
    return args


def count_columns(args: argparse.Namespace) -> int:
    """The number of steps that are measured."""
    return len(args.columns or ()) or args.steps or len(args.timesteps)


def add_measurement_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what is measured at which steps of how many samples."""
    parser.add_argument(
        '--metric',
        required=True,
        help="figure of the validation: 'd1' for depth, 'network/mIoU' for masks",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        '--timesteps',
        type=int,
        nargs='+',
        default=TIMESTEPS,
        help='denoise along these and measure at each (default: %(default)s)',
    )
    where.add_argument(
        '--steps',
        type=positive_int,
        help="denoise in so many steps of the model's own sampler",
    )
    parser.add_argument(
        '--columns',
        type=positive_int,
        nargs='+',
        help='numbers of the steps to measure',
    )
    parser.add_argument(
        '--samples', type=positive_int, help='at most so many (default: all)'
    )
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    add_config_options(parser)


def parse_measurement(
    parser: argparse.ArgumentParser, argv: list[str] | None
) -> argparse.Namespace:
    """Parses, and refuses options that contradict each other."""
    args = parser.parse_args(argv)
    if args.columns and not args.steps:
        parser.error('--columns are numbers of --steps; without it give --timesteps')
    if args.columns and max(args.columns) > args.steps:
        parser.error(
            f'--columns must be numbers from 1 to --steps {args.steps}, got '
            f'{" ".join(map(str, args.columns))}'
        )
    return args


def measure_quality(
    args: argparse.Namespace, config: str, checkpoint: str, least: int = 1
) -> tuple[DiffusionPerceptor, DenoisingQuality]:
    """Measures a checkpoint at the steps that the arguments name.

    Args:
        args: Of `add_measurement_arguments`.
        config: The checkpoint's config.
        checkpoint: The trained weights.
        least: Number of samples that it takes; fewer are refused.

    Returns:
        The model, and the metric of every sample at every step.
    """
    cfg = get_config(config)
    merge_options(cfg, args.cfg_options)
    if args.steps:
        cfg.merge_from_dict({'model.sampler.steps': args.steps})
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmseg')):
        model = get_model(cfg, checkpoint, args.device)
        if not isinstance(model, DiffusionPerceptor):
            raise SystemExit(
                f'error: {config} builds a {type(model).__name__}, which does not '
                'denoise predictions'
            )
        loader = Runner.build_dataloader(cfg.val_dataloader)
        evaluators = cfg.val_evaluator
        evaluators = evaluators if isinstance(evaluators, list) else [evaluators]
        metrics = [METRICS.build(dict(one)) for one in evaluators]
    batches, samples = len(loader), len(loader.dataset)
    if args.samples is not None:
        batches = min(batches, math.ceil(args.samples / loader.batch_size))
        samples = min(samples, args.samples)
    if samples < least:
        raise SystemExit(
            f'error: {samples} samples are too few: contributions take at least '
            f'{least}, {SAMPLES_PER_COLUMN} for each step; measure fewer steps'
        )
    return model, measure_denoising(
        model,
        tqdm(loader, desc='denoising', unit='batch', total=batches),
        metrics,
        args.metric,
        None if args.steps else args.timesteps,
        args.columns,
        args.samples,
    )


def measure(args: argparse.Namespace) -> dict:
    """Measures the checkpoint.

    Returns:
        What the file has: timesteps, the metric's mean there, contributions and the
        weights of all timesteps.
    """
    least = SAMPLES_PER_COLUMN * count_columns(args)
    model, quality = measure_quality(args, args.config, args.checkpoint, least)
    contributions = incremental_r2(quality.values, timesteps=quality.timesteps)
    length = model.objective.num_timesteps
    owns = 'below'
    if args.steps and model.sampler.build_scheduler().config.timestep_spacing != (
        'trailing'
    ):
        owns = 'above'
    weights = spread_over_timesteps(contributions, quality.timesteps, length, owns)
    means = torch.nanmean(quality.values, dim=0)
    return dict(
        name='/'.join(Path(args.checkpoint).with_suffix('').parts[-2:]),
        metric=args.metric,
        samples=len(quality.values),
        timesteps=list(quality.timesteps),
        means=means.tolist(),
        contributions=contributions.tolist(),
        weights=add_floor(weights, args.floor).tolist(),
        schedule_weights=schedule_weights(model.objective.schedule).tolist(),
    )


def print_results(results: dict) -> None:
    rows = [
        [f'{timestep}', f'{mean:.4f}', f'{share:.3f}']
        for timestep, mean, share in zip(
            *(results[key] for key in ('timesteps', 'means', 'contributions')),
            strict=True,
        )
    ]
    print(
        format_table(
            ['timestep', results['metric'], 'contribution'], rows, numbers_from=1
        )
    )
    summaries = {
        'perception statistics': describe_weights(results['weights']),
        'schedule': describe_weights(results['schedule_weights']),
    }
    rows = [
        [name, *(f'{value:.3g}' for value in summary.values())]
        for name, summary in summaries.items()
    ]
    print()
    print(format_table(['weights by', *summaries['schedule']], rows, numbers_from=1))


def read_results(path: Path) -> dict:
    try:
        results = json.loads(path.read_text())
        found = {key: results[key] for key in ('name', 'metric', 'timesteps', 'means')}
        np.asarray([found['timesteps'], found['means']], dtype=float)
        return found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f'error: {path} is no file of this tool: {error!r}') from error


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    others = [read_results(path) for path in args.beside]
    for path, other in zip(args.beside, others, strict=True):
        if other['metric'] != args.metric:
            raise SystemExit(
                f'error: {path} has the metric {other["metric"]!r}, which is not drawn '
                f'beside {args.metric!r}'
            )
    try:
        check_floor(args.floor)
        for path in filter(None, (args.picture, args.weights_picture)):
            check_picture(path)
        if args.out:
            args.out.parent.mkdir(parents=True, exist_ok=True)
        results = measure(args)
    except (ValueError, OSError) as error:
        raise SystemExit(f'error: {error}') from error
    print_results(results)
    if args.out:
        write_atomically(args.out, (json.dumps(results) + '\n').encode())
        print(f'Written: {args.out}')
    if args.picture:
        curves: dict[str, tuple[list[int], list[float]]] = {}
        for each in (*others, results):
            name = each['name']
            if name in curves:  # the same checkpoint at other steps
                name = f'{name} ({len(curves) + 1})'
            curves[name] = each['timesteps'], each['means']
        picture = draw_metric_curves(curves, args.metric)
        write_picture(args.picture, picture[..., ::-1])
        print(f'Written: {args.picture}')
    if args.weights_picture:
        weights = {
            'perception statistics': results['weights'],
            'schedule': results['schedule_weights'],
        }
        write_picture(args.weights_picture, draw_timestep_weights(weights)[..., ::-1])
        print(f'Written: {args.weights_picture}')


if __name__ == '__main__':
    run_main(main)
