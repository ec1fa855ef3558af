"""Does mini VPD read the expression, and does LAVT's decoder pay?

Two models that share the backbone, its pre-trained weights, data and schedule: with
LAVT's decoder, and with a 1x1 convolution on all maps. Each is tested twice on the same
objects: with their own expressions, and with those of another object in the same
picture. One call trains what is missing and prints the table; a call that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config

from diffmm.studies import (
    SeedTable,
    StudyRun,
    add_data_arguments,
    add_study_arguments,
    draw_data,
    train_runs,
    write_report,
)

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / 'configs/vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'
KEY = 'referring/network/oIoU'
CONFIG = """\
_base_ = {base!r}
data_root = {data!r}
randomness = dict(seed={seed})
model = dict(decode_head={head})
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = dict(batch_size=8, dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs={epochs}, val_interval={epochs})
param_scheduler = [
    dict(
        type='PolyLR',
        power=0.9,
        eta_min=0.0,
        begin=0,
        end={epochs},
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
default_hooks = dict(visualization=dict(draw=False))
custom_hooks = [dict(type='IterationSeedHook')]
"""
# The same objects twice.
CONTROL = """\
_base_ = './run.py'
test_dataloader = dict(
    dataset=dict(type='ExchangedExpressionsDataset', exchange={exchange})
)
"""
CONTROLS = {
    name: CONTROL.format(exchange=exchange)
    for name, exchange in (('own', False), ('exchanged', True))
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--epochs', type=int, default=2)
    add_study_arguments(parser, 'work_dirs/compare_referring')
    add_data_arguments(parser, 'data/mini_refcoco')
    return parser.parse_args(argv)


def describe_heads() -> dict[str, dict]:
    """Decoders by name, as overrides of the base config."""
    head = Config.fromfile(BASE).model.decode_head
    width = sum(head.in_channels)
    linear = dict(
        _delete_=True,
        type='FCNHead',
        num_convs=0,
        concat_input=False,
        in_channels=list(head.in_channels),
        in_index=list(range(len(head.in_channels))),
        input_transform='resize_concat',
        channels=width,
        dropout_ratio=0,
        num_classes=2,
        out_channels=2,
        align_corners=head.align_corners,
        loss_decode=head.loss_decode.to_dict(),
    )
    return {'LAVT': {}, '1x1 convolution': linear}


def make_run(args: argparse.Namespace, name: str, head: dict, seed: int) -> StudyRun:
    """Describe one training and its two tests."""
    config = CONFIG.format(
        base=str(BASE),
        data=str(args.data.resolve()),
        seed=seed,
        head=head,
        epochs=args.epochs,
    )
    folder = args.work_dir / f'{name.replace(" ", "-")}_seed{seed}'
    return StudyRun(folder, config, (KEY,), ROOT / 'tools', CONTROLS)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    draw_data(args.data, 'refcoco', num_train=args.num_train, num_val=args.num_val)
    seeds = sorted(args.seeds)
    runs = {
        (name, seed): make_run(args, name, head, seed)
        for seed in seeds
        for name, head in describe_heads().items()
    }
    train_runs(list(runs.values()), args.processes)
    table, summary = SeedTable(('decoder', 'expressions'), seeds), {}
    for name in describe_heads():
        for control in CONTROLS:
            values = [runs[name, seed].result[f'{control}/{KEY}'] for seed in seeds]
            summary[f'{name}, {control}'] = table.add((name, control), values)
    text = f'overall IoU (%), network frame, epochs: {args.epochs}\n\n{table}\n'
    write_report(args.work_dir, text, summary)


if __name__ == '__main__':
    main()
