"""Does pre-training pay? Mini VPD from pre-trained against random UNet weights.

Both arms share architecture, VAE, text, data and schedule; each gets its best of
several learning rates, with every seed. One call trains what is missing and prints the
table; a call that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from diffmm.diffusion import WeightsError
from diffmm.diffusion.weights import SHIPPED, shipped_folder
from diffmm.studies import (
    ARMS,
    SeedTable,
    StudyRun,
    add_data_arguments,
    add_study_arguments,
    draw_data,
    train_runs,
    write_random_unet,
    write_report,
)

ROOT = Path(__file__).resolve().parents[2]
BASE = 'configs/vpd/vpd_mini-a64_fpn_1xb8-1k_mini-ade20k-128x128.py'
CONFIG = """\
_base_ = {base!r}
data_root = {data!r}
randomness = dict(seed={seed})
model = dict(
    backbone=dict(
        pretrained={pretrained!r}, latent_scale={latent_scale}, timestep={timestep}
    )
)
# Scenes as they were pre-trained on: a short schedule is lost on other scales, colours.
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', reduce_zero_label=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size={batch_size},
    num_workers=1,
    dataset=dict(data_root=data_root, pipeline=train_pipeline),
)
val_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
optim_wrapper = dict(
    optimizer=dict(lr={head_lr}),
    paramwise_cfg=dict(
        custom_keys={{'backbone.unet': dict(lr_mult={unet_lr} / {head_lr})}}
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=20, by_epoch=False),
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end={iters}, by_epoch=False),
]
train_cfg = dict(max_iters={iters}, val_interval={iters})
default_hooks = dict(
    checkpoint=dict(interval=100, max_keep_ckpts=1, save_best=None),
    visualization=dict(draw=False),
)
custom_hooks = [dict(type='IterationSeedHook')]
"""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--pretrained', default='mini', help='"mini" or a folder')
    add_study_arguments(parser, 'work_dirs/compare_pretraining')
    add_data_arguments(parser, 'data/mini_ade20k')
    parser.add_argument('--unet-lrs', type=float, nargs='+', default=[2e-4, 6e-4, 2e-3])
    parser.add_argument('--head-lr', type=float, default=6e-3)
    parser.add_argument('--iters', type=int, default=200)
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument(
        '--latent-scale',
        type=float,
        default=0.18215,
        help="factor on the latents in both arms: that of pre-training (VPD's is 1)",
    )
    parser.add_argument(
        '--timestep', type=int, default=50, help='noise level told (VPD: 1)'
    )
    return parser.parse_args(argv)


def make_run(args: argparse.Namespace, folder: Path, run: dict) -> StudyRun:
    """Describe one training."""
    config = CONFIG.format(
        base=str(ROOT / BASE),
        data=str(args.data.resolve()),
        seed=run['seed'],
        pretrained=str(folder.resolve()),
        latent_scale=args.latent_scale,
        timestep=args.timestep,
        batch_size=args.batch_size,
        head_lr=args.head_lr,
        unet_lr=run['unet_lr'],
        iters=args.iters,
    )
    name = f'{run["arm"]}_lr{run["unet_lr"]:g}_seed{run["seed"]}'
    return StudyRun(args.work_dir / name, config, ('mIoU',), ROOT / 'tools')


def tabulate(
    runs: dict[tuple, StudyRun], rates: list[float], seeds: list[int]
) -> tuple[str, dict]:
    """Lay out all results, and compare the arms at the best rate of each.

    Args:
        runs: By arm, rate and seed.
        rates: Learning rates of the UNet.
        seeds: The seeds.

    Returns:
        The table, and ``gain``, ``spread`` (the larger standard deviation of the two
        arms over seeds) and the best rates.
    """
    table, best = SeedTable(('UNet weights', 'UNet lr'), seeds), {}
    for arm in ARMS:
        for rate in rates:
            values = [runs[arm, rate, seed].result['mIoU'] for seed in seeds]
            row = dict(unet_lr=rate, **table.add((arm, f'{rate:g}'), values))
            if arm not in best or row['mean'] > best[arm]['mean']:
                best[arm] = row
    summary = dict(
        gain=best[ARMS[0]]['mean'] - best[ARMS[1]]['mean'],
        spread=max(entry['std'] for entry in best.values()),
        best=best,
    )
    return str(table), summary


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        name = args.pretrained
        folder = shipped_folder(name) if name in SHIPPED else Path(name)
    except WeightsError as error:
        raise SystemExit(f'error: {error}') from error
    draw_data(args.data, 'ade20k', num_train=args.num_train, num_val=args.num_val)
    random = write_random_unet(args.work_dir / 'random', folder, 'mini')
    folders = dict(zip(ARMS, (folder, random), strict=True))
    rates, seeds = sorted(args.unet_lrs), sorted(args.seeds)
    runs = {
        (arm, rate, seed): make_run(
            args, folders[arm], dict(arm=arm, unet_lr=rate, seed=seed)
        )
        for seed in seeds
        for rate in rates
        for arm in ARMS
    }
    train_runs(list(runs.values()), args.processes)
    table, summary = tabulate(runs, rates, seeds)
    text = (
        f'mIoU (%) after {args.iters} iterations of {args.batch_size}, '
        f'{args.num_val} validation scenes\n\n{table}\n\n'
        f'best against best: {summary["gain"]:+.2f} mIoU, larger standard deviation '
        f'{summary["spread"]:.2f}\n'
    )
    write_report(args.work_dir, text, summary)


if __name__ == '__main__':
    main()
