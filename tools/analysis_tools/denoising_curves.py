"""Draw a metric over the steps of denoising, a curve for each model (ADDP, Figure 7).

Every model denoises the validation set of its config. At every step, the metric of the
prediction there is measured sample by sample; its mean is tabulated and drawn. For
masks, the metric network/mIoU gives their mean IoU. A JSON file beside the picture has
the figures. After an interruption, the same command continues with the next model.

    denoising_curves.py --metric network/mIoU --steps 10 --samples 150
        --model uniform=uniform.py,uniform.pth --model ADDP=addp.py,addp.pth
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from timestep_contribution import (
    add_measurement_arguments,
    measure_quality,
    parse_measurement,
)

from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import run_main
from diffmm.utils.named_models import add_models_option, read_named_models
from diffmm.utils.picture_file import check_picture, write_picture
from diffmm.utils.progress_folder import ProgressFolder, settings_of
from diffmm.utils.text_table import format_table
from diffmm.visualization.timestep_plots import draw_metric_curves

# What changes no curve, or what a curve is kept under.
NO_SETTINGS = ('model', 'out', 'device')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_models_option(parser)
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('denoising_curves.png'),
        help='picture to write (default: %(default)s)',
    )
    add_measurement_arguments(parser)
    return parse_measurement(parser, argv)


def measure(args: argparse.Namespace) -> dict[str, dict]:
    """Measure every model that was not measured before.

    Returns:
        By name: the timesteps, the means of the metric there, and the number of
        samples.
    """
    models = read_named_models(args.model)
    check_picture(args.out)
    progress = ProgressFolder(args.out, settings_of(args, NO_SETTINGS), 'curves')
    curves = progress.read('curves')
    for spec, (name, files) in zip(args.model, models.items(), strict=True):
        if spec in curves:
            continue
        print(f'{name}: {files[1]}')
        _, quality = measure_quality(args, *files)
        curves[spec] = dict(
            timesteps=list(quality.timesteps),
            means=torch.nanmean(quality.values, dim=0).tolist(),
            samples=len(quality.values),
        )
        progress.append('curves', {spec: curves[spec]})
    found = {name: curves[s] for name, s in zip(models, args.model, strict=True)}
    text = json.dumps(dict(metric=args.metric, curves=found), indent=1) + '\n'
    write_atomically(args.out.with_suffix('.json'), text.encode())
    progress.remove()
    return found


def format_curves(curves: dict[str, dict]) -> str:
    """Lay out the means: a row for each timestep, a column for each model."""
    timesteps = {t for each in curves.values() for t in each['timesteps']}
    rows = []
    for timestep in sorted(timesteps, reverse=True):
        row = [str(timestep)]
        for each in curves.values():
            means = dict(zip(each['timesteps'], each['means'], strict=True))
            row.append(f'{means[timestep]:.4g}' if timestep in means else '-')
        rows.append(row)
    return format_table(['timestep', *curves], rows, numbers_from=1)


def main(argv: list[str] | None = None) -> None:
    """Measure, print the table, write the picture."""
    args = parse_args(argv)
    try:
        curves = measure(args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    samples = ', '.join(sorted({str(each['samples']) for each in curves.values()}))
    print(f'mean {args.metric} of {samples} samples')
    print(format_curves(curves))
    lines = {name: (each['timesteps'], each['means']) for name, each in curves.items()}
    write_picture(args.out, draw_metric_curves(lines, args.metric)[..., ::-1])
    print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
