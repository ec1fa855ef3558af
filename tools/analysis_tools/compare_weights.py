"""What are pre-trained weights worth to a mini config? From them, and from random ones.

Both arms share everything but the UNet's first weights. One call trains what is missing
and prints the table; a call that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from diffmm.studies import (
    SeedTable,
    add_study_arguments,
    train_from_both_weights,
    write_report,
)
from diffmm.utils.tool_config import require_file

ROOT = Path(__file__).resolve().parents[2]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('config', type=Path, help='a mini config; its data is there')
    parser.add_argument(
        'key', help='figure of its validation, such as mIoU, coco/bbox_mAP_50, coco/AP'
    )
    add_study_arguments(parser, 'work_dirs/compare_weights')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    require_file(str(args.config), 'config')
    work_dir, seeds = args.work_dir / args.config.stem, sorted(args.seeds)
    results = train_from_both_weights(
        args.config, work_dir, args.key, ROOT / 'tools', seeds, args.processes
    )
    table = SeedTable(('weights',), seeds, digits=3)
    summary = {arm: table.add((arm,), values) for arm, values in results.items()}
    text = f'{args.key} of {args.config.stem}\n\n{table}\n'
    write_report(work_dir, text, summary)


if __name__ == '__main__':
    main()
