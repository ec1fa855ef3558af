"""Does pre-training pay? Mini VPD from pre-trained against random UNet weights.

Both arms share architecture, VAE, text, data and schedule; each gets its best of
several learning rates, with every seed. One call trains what is missing and prints the
table; a call that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel

from diffmm.datasets.mini_world import generate
from diffmm.diffusion import WeightsError, load_architecture
from diffmm.diffusion.weights import SHIPPED, shipped_folder
from diffmm.doctor import format_table
from diffmm.utils.scalars import read_scalars

ROOT = Path(__file__).resolve().parents[2]
BASE = 'configs/vpd/vpd_mini-a64_fpn_1xb8-1k_mini-ade20k-128x128.py'
ARMS = ('pre-trained', 'random')
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
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/compare_pretraining')
    )
    parser.add_argument(
        '--data', type=Path, default=Path('data/mini_ade20k'), help='drawn if missing'
    )
    parser.add_argument('--num-train', type=int, default=4000, help='training scenes')
    parser.add_argument('--num-val', type=int, default=300, help='validation scenes')
    parser.add_argument('--unet-lrs', type=float, nargs='+', default=[2e-4, 6e-4, 2e-3])
    parser.add_argument('--head-lr', type=float, default=6e-3)
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
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
    parser.add_argument('--processes', type=int, default=1, help='runs side by side')
    return parser.parse_args(argv)


def random_folder(pretrained: Path, folder: Path) -> Path:
    """Make a model folder like another, but with random weights in the UNet."""
    marker = folder / 'unet' / 'diffusion_pytorch_model.safetensors'
    if not marker.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for part in ('vae', 'text_encoder'):
            link = folder / part
            if not link.is_symlink():
                link.symlink_to((pretrained / part).resolve())
        torch.manual_seed(0)
        unet = UNet2DConditionModel(**load_architecture('mini').unet)
        unet.save_pretrained(folder / '.unet.incomplete')
        (folder / '.unet.incomplete').rename(folder / 'unet')
    return folder


def write_config(args: argparse.Namespace, run: dict, folder: Path) -> Path:
    """Write the config of one run into its folder."""
    text = CONFIG.format(
        base=str(ROOT / BASE),
        data=str(args.data.resolve()),
        seed=run['seed'],
        pretrained=str(run['pretrained'].resolve()),
        latent_scale=args.latent_scale,
        timestep=args.timestep,
        batch_size=args.batch_size,
        head_lr=args.head_lr,
        unet_lr=run['unet_lr'],
        iters=args.iters,
    )
    path = folder / 'run.py'
    folder.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_text() != text:
        raise SystemExit(
            f'error: {path} holds a run of other settings; name another --work-dir'
        )
    path.write_text(text)
    return path


def start(config: Path, processes: int) -> subprocess.Popen:
    """Train a run, or go on with it, in a process of its own.

    Args:
        config: The run's config.
        processes: How many processes share the cores.
    """
    threads = max(1, (os.cpu_count() or 1) // processes)
    environment = {'OMP_NUM_THREADS': str(threads), **os.environ}
    command = [sys.executable, str(ROOT / 'tools' / 'train.py'), str(config)]
    command += ['--work-dir', str(config.parent), '--resume']
    log = (config.parent / 'train.log').open('a')
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
    )


def finish(process: subprocess.Popen, config: Path, iters: int) -> float:
    """Wait for a run and note its result.

    Returns:
        mIoU in per cent.

    Raises:
        SystemExit: It failed.
    """
    if process.wait():
        raise SystemExit(f'error: a run failed, see {config.parent / "train.log"}')
    miou = read_scalars(config.parent, 'mIoU')[iters]
    (config.parent / 'result.json').write_text(json.dumps(dict(mIoU=miou)) + '\n')
    return miou


def train_all(args: argparse.Namespace, runs: list[dict]) -> None:
    """Train the runs that have no result, a few at a time; fill in ``mIoU``."""
    waiting = []
    for number, run in enumerate(runs, start=1):
        name = f'{run["arm"]}_lr{run["unet_lr"]:g}_seed{run["seed"]}'
        folder = args.work_dir.resolve() / name
        config = write_config(args, run, folder)
        result = folder / 'result.json'
        if result.is_file():
            run['mIoU'] = json.loads(result.read_text())['mIoU']
            continue
        print(f'run {number} of {len(runs)}: {name}', flush=True)
        waiting.append((run, start(config, args.processes), config))
        if len(waiting) >= args.processes:
            done, process, path = waiting.pop(0)
            done['mIoU'] = finish(process, path, args.iters)
            print(f'  {path.parent.name}: mIoU {done["mIoU"]:.2f}', flush=True)
    for done, process, path in waiting:
        done['mIoU'] = finish(process, path, args.iters)
        print(f'  {path.parent.name}: mIoU {done["mIoU"]:.2f}', flush=True)


def tabulate(runs: list[dict], seeds: list[int]) -> tuple[str, dict]:
    """Lay out all results, and compare the arms at the best rate of each.

    Returns:
        The table, and ``gain``, ``spread`` (the larger standard deviation of the two
        arms over seeds) and the best rates.
    """
    rows, best = [], {}
    for arm in ARMS:
        for rate in sorted({run['unet_lr'] for run in runs}):
            chosen = [r for r in runs if r['arm'] == arm and r['unet_lr'] == rate]
            values = [run['mIoU'] for run in sorted(chosen, key=lambda r: r['seed'])]
            mean, spread = np.mean(values), np.std(values, ddof=len(values) > 1)
            cells = [f'{value:.2f}' for value in values]
            rows.append((arm, f'{rate:g}', *cells, f'{mean:.2f}', f'{spread:.2f}'))
            if arm not in best or mean > best[arm]['mean']:
                best[arm] = dict(unet_lr=rate, mean=float(mean), spread=float(spread))
    header = ('UNet weights', 'UNet lr', *(f'seed {s}' for s in seeds), 'mean', 'std')
    summary = dict(
        gain=best[ARMS[0]]['mean'] - best[ARMS[1]]['mean'],
        spread=max(entry['spread'] for entry in best.values()),
        best=best,
    )
    return format_table(header, rows), summary


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        name = args.pretrained
        folder = shipped_folder(name) if name in SHIPPED else Path(name)
        generate(args.data, 'ade20k', args.num_train, args.num_val, workers=2)
    except (WeightsError, FileExistsError) as error:
        raise SystemExit(f'error: {error}') from error
    folders = dict(
        zip(
            ARMS, (folder, random_folder(folder, args.work_dir / 'random')), strict=True
        )
    )
    runs = [
        dict(arm=arm, unet_lr=rate, seed=seed, pretrained=folders[arm])
        for seed in args.seeds
        for rate in args.unet_lrs
        for arm in ARMS
    ]
    train_all(args, runs)
    table, summary = tabulate(runs, sorted(args.seeds))
    text = (
        f'mIoU (%) after {args.iters} iterations of {args.batch_size}, '
        f'{args.num_val} validation scenes\n\n{table}\n\n'
        f'best against best: {summary["gain"]:+.2f} mIoU, larger standard deviation '
        f'{summary["spread"]:.2f}\n'
    )
    print(text)
    (args.work_dir / 'table.txt').write_text(text)
    (args.work_dir / 'summary.json').write_text(json.dumps(summary, indent=2) + '\n')


if __name__ == '__main__':
    main()
