"""Does mini VPD estimate depth? From pre-trained weights, random ones, and rows alone.

Both networks share everything but the UNet's first weights. The third row is no
network: the mean depth of every row of the training pictures. One call trains what is
missing and prints the table; a call that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config
from mmengine.registry import init_default_scope

from diffmm.studies import (
    SeedTable,
    add_data_arguments,
    add_study_arguments,
    draw_data,
    row_depth_baseline,
    train_from_both_weights,
    write_report,
)

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / 'configs/vpd/vpd_mini_depth_1xb8-2e_mini-nyu-96x96.py'
MORE = """\
data_root = {data!r}
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs={epochs}, val_interval={epochs})
default_hooks = dict(visualization=dict(draw=False))
custom_hooks = [dict(type='IterationSeedHook')]
"""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--epochs', type=int, default=1)
    add_study_arguments(parser, 'work_dirs/compare_depth')
    add_data_arguments(parser, 'data/mini_nyu')
    return parser.parse_args(argv)


def measure_rows(data: Path) -> float:
    """RMSE of rows alone."""
    cfg = Config.fromfile(BASE)
    init_default_scope(cfg.default_scope)
    train, test = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    for dataset in (train, test):
        dataset.data_root = str(data)
    return row_depth_baseline(train, test, cfg.test_evaluator)['rmse']


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    draw_data(args.data, 'nyu', num_train=args.num_train, num_val=args.num_val)
    seeds = sorted(args.seeds)
    results = train_from_both_weights(
        BASE,
        args.work_dir,
        'rmse',
        ROOT / 'tools',
        seeds,
        args.processes,
        MORE.format(data=str(args.data.resolve()), epochs=args.epochs),
    )
    table = SeedTable(('depth from',), seeds, digits=3)
    means = {arm: table.add((arm,), values) for arm, values in results.items()}
    rows = measure_rows(args.data)
    text = (
        f'RMSE in metres on {args.num_val} test scenes, epochs: {args.epochs}\n\n'
        f'{table}\n\nrows alone: {rows:.3f}; pre-trained is '
        f'{1 - means["pre-trained"]["mean"] / rows:.1%} below it, and '
        f'{1 - means["pre-trained"]["mean"] / means["random"]["mean"]:.1%} below '
        'random weights\n'
    )
    write_report(args.work_dir, text, dict(rows=rows, **means))


if __name__ == '__main__':
    main()
