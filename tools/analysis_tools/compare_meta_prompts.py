"""What are the parts of Meta Prompts worth? The paper's Table 5 on the mini world.

For segmentation and depth estimation, the whole method and rows of the table: fewer
refinement steps, no rearrangement, no learned timesteps, text instead of meta prompts.
All start from the shipped weights and share data and schedule. One call trains what is
missing and prints the tables; a call that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

from diffmm.studies import (
    SeedTable,
    StudyRun,
    add_study_arguments,
    draw_data,
    train_runs,
    write_report,
)

ROOT = Path(__file__).resolve().parents[2]
# Endings of the configs' names, and what they stand for.
ROWS = {
    '': 'whole: meta prompts, 3 steps, rearranged',
    '_2-steps': '2 refinement steps',
    '_1-step': '1 refinement step',
    '_no-rearrangement': 'no rearrangement',
    '_fixed-timestep': 'timestep not modulated',
    '_label': 'names for prompts, no rearrangement',
    '_null-text': 'empty text for prompts, no rearrangement',
}
CONFIG = """\
_base_ = {base!r}
data_root = {data!r}
randomness = dict(seed={seed})
train_dataloader = dict(num_workers=1, dataset=dict(data_root=data_root))
val_dataloader = dict(batch_size=8, num_workers=1, dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
default_hooks = dict(
    checkpoint=dict(max_keep_ckpts=1, save_best=None), visualization=dict(draw=False)
)
custom_hooks = [dict(type='IterationSeedHook')]
"""
BY_ITERATION = """\
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=20, by_epoch=False),
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end={iters}, by_epoch=False),
]
train_cfg = dict(max_iters={iters}, val_interval={iters})
"""
# One epoch of as many pictures; its learning rate follows the epoch's length. A part of
# the validation scenes: windows and mirror images make four predictions of each.
BY_EPOCH = """\
train_dataloader['batch_size'] = {batch_size}
train_dataloader['dataset']['indices'] = {iters} * {batch_size}
val_dataloader['dataset']['indices'] = 64
train_cfg = dict(max_epochs=1)
"""


class Task(NamedTuple):
    """A column of the table, on the mini world."""

    base: str
    layout: str
    key: str
    title: str
    digits: int
    schedule: str
    iters: int
    batch_size: int


TASKS = {
    'segmentation': Task(
        base='meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128',
        layout='ade20k',
        key='mIoU',
        title='mIoU (%)',
        digits=2,
        schedule=BY_ITERATION,
        iters=200,
        batch_size=8,
    ),
    'depth': Task(
        base='meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96',
        layout='nyu',
        key='rmse',
        title='RMSE (m)',
        digits=3,
        schedule=BY_EPOCH,
        iters=160,
        batch_size=4,
    ),
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        '--tasks', nargs='+', choices=sorted(TASKS), default=sorted(TASKS)
    )
    parser.add_argument(
        '--iters',
        type=int,
        help='steps of a training; by default enough for most of what a task can learn',
    )
    parser.add_argument(
        '--data',
        type=Path,
        default=Path('data'),
        help='folder of mini_ade20k and mini_nyu; what is missing there is drawn',
    )
    add_study_arguments(parser, 'work_dirs/compare_meta_prompts')
    return parser.parse_args(argv)


def make_run(args: argparse.Namespace, name: str, ending: str, seed: int) -> StudyRun:
    """Describe one training."""
    task = TASKS[name]
    config = (CONFIG + task.schedule).format(
        base=str(ROOT / f'configs/meta_prompts/{task.base}{ending}.py'),
        data=str(_data_root(args, task).resolve()),
        seed=seed,
        iters=args.iters or task.iters,
        batch_size=task.batch_size,
    )
    folder = args.work_dir / f'{name}{ending}_seed{seed}'
    return StudyRun(folder, config, (task.key,), ROOT / 'tools')


def _data_root(args: argparse.Namespace, task: Task) -> Path:
    return args.data / f'mini_{task.layout}'


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    for name in args.tasks:
        draw_data(_data_root(args, TASKS[name]), TASKS[name].layout)
    seeds = sorted(args.seeds)
    # Seed by seed, so that an interrupted study has whole rows early.
    runs = {
        (name, ending, seed): make_run(args, name, ending, seed)
        for seed in seeds
        for name in args.tasks
        for ending in ROWS
    }
    train_runs(list(runs.values()), args.processes)
    parts, summary = [], {}
    for name in args.tasks:
        task = TASKS[name]
        table = SeedTable((f'{name}, {task.title}',), seeds, task.digits)
        summary[name] = {
            row: table.add(
                (row,), [runs[name, ending, seed].result[task.key] for seed in seeds]
            )
            for ending, row in ROWS.items()
        }
        iters = args.iters or task.iters
        title = f'after {iters} iterations of {task.batch_size} pictures'
        parts.append(f'{title}\n\n{table}\n')
    write_report(args.work_dir, '\n'.join(parts), summary)


if __name__ == '__main__':
    main()
