"""What are pre-trained weights worth to a mini config? From them, and from random ones.

Both arms share everything but the UNet's first weights. One call trains what is missing
and prints the table; a call that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from diffmm.studies import SeedTable, train_from_both_weights
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
    parser.add_argument(
        '--work-dir', type=Path, help='work_dirs/compare_weights/CONFIG-NAME by default'
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--processes', type=int, default=1, help='runs side by side')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    require_file(str(args.config), 'config')
    name = Path('work_dirs/compare_weights') / args.config.stem
    work_dir, seeds = args.work_dir or name, sorted(args.seeds)
    results = train_from_both_weights(
        args.config, work_dir, args.key, ROOT / 'tools', seeds, args.processes
    )
    table = SeedTable(('weights',), seeds)
    summary = {arm: table.add((arm,), values) for arm, values in results.items()}
    text = f'{args.key} of {args.config.stem}\n\n{table}\n'
    print(text)
    (work_dir / 'table.txt').write_text(text)
    (work_dir / 'summary.json').write_text(json.dumps(summary, indent=2) + '\n')


if __name__ == '__main__':
    main()
