"""The whole road in miniature: draw data, train, evaluate, segment a picture.

Needs no download and no GPU. `make quickstart` runs it in a fresh environment.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from diffmm.utils.command_line import run_main
from diffmm.utils.text_table import format_table

ROOT = Path(__file__).resolve().parents[1]
CONFIG = 'configs/vpd/vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# With clipped gradients 340 iterations are worth the config's 600. There is a single
# validation, at the end. One kernel updates all parameters, which saves an eighth of a
# step on a CPU.
OPTIONS = (
    'optim_wrapper.clip_grad.max_norm=1.0',
    'optim_wrapper.optimizer.fused=True',
    'param_scheduler.1.end=340',
    'train_cfg.max_iters=340',
    'train_cfg.val_interval=340',
)
DATA = 'data/mini_ade20k'
GENERATE = (
    'tools/mini_world/draw.py',
    *(DATA, '--layout', 'ade20k', '--size', '128'),
    *('--num-train', '4000', '--num-val', '300'),
)
STEPS = 4


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--work-dir',
        type=Path,
        default=Path('work_dirs') / 'quickstart',
        help='where logs, checkpoints and the picture go (default: %(default)s)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='passed on to tools/train.py, for example train_cfg.max_iters=100',
    )
    return parser.parse_args(argv)


def announce(step: int, text: str) -> None:
    print(f'\n=== {step}/{STEPS} {text} ===', flush=True)


def environment() -> dict[str, str]:
    """Leave one core to the other programs, unless the user says how many threads.

    PyTorch's threads wait for each other at every layer, so one that has to share its
    core holds up all of them.
    """
    spare = max(1, len(os.sched_getaffinity(0)) - 1)
    return {'OMP_NUM_THREADS': str(spare), **os.environ}


def run(script: str, *arguments: object) -> None:
    """Run a script of the repository with this interpreter.

    Raises:
        SystemExit: If it fails.
    """
    command = [sys.executable, script, *map(str, arguments)]
    print('$ python', *command[1:], flush=True)
    status = subprocess.run(
        command, cwd=ROOT, env=environment(), check=False
    ).returncode
    if status:
        raise SystemExit(f'quickstart: {script} failed with status {status}; see above')


def newest_scalars(work_dir: Path) -> Path:
    """Find the log of the last run in a work dir (folders are named by time)."""
    logs = sorted(work_dir.glob('*/vis_data/scalars.json'))
    if not logs:
        raise SystemExit(f'quickstart: no log below {work_dir}; did the training run?')
    return logs[-1]


def read_miou(scalars: Path) -> tuple[float, float]:
    """Read the first and the last mIoU of a training log.

    Args:
        scalars: One JSON record a line; those with ``mIoU`` are validations.

    Returns:
        mIoU in per cent before training (step 0) and after it.

    Raises:
        SystemExit: If there is no validation before and one after training.
    """
    records = [json.loads(line) for line in scalars.read_text().splitlines()]
    validations = [record for record in records if 'mIoU' in record]
    steps = [record['step'] for record in validations]
    if len(validations) < 2 or steps[0] != 0 or steps[-1] == 0:
        raise SystemExit(
            f'quickstart: {scalars} has validations at steps {steps}; expected one at '
            'step 0 and one at the end'
        )
    return validations[0]['mIoU'], validations[-1]['mIoU']


def last_checkpoint(work_dir: Path) -> str:
    """Read the name of the checkpoint that the training wrote last."""
    note = work_dir / 'last_checkpoint'
    if not note.is_file():
        raise SystemExit(f'quickstart: {note} is missing; did the training finish?')
    return note.read_text().strip()


def validation_image() -> Path:
    """Choose a picture the model was not trained on."""
    folder = ROOT / DATA / 'images' / 'validation'
    images = sorted(folder.glob('*.jpg'))
    if not images:
        raise SystemExit(f'quickstart: no JPEG in {folder}')
    return images[0]


def main() -> None:
    args = parse_args()
    started = time.monotonic()
    # Scripts run in the repository; a relative work dir is meant from there too.
    work_dir = (ROOT / args.work_dir).resolve()

    announce(1, 'drawing the mini world, or reusing what is there')
    run(*GENERATE)

    announce(2, 'training and evaluating VPD on the small Stable Diffusion')
    options = ('--cfg-options', *OPTIONS, *args.cfg_options)
    run('tools/train.py', CONFIG, '--work-dir', work_dir, *options)

    announce(3, 'what it learned')
    before, after = read_miou(newest_scalars(work_dir))
    rows = [('before training', f'{before:.2f}'), ('after training', f'{after:.2f}')]
    print(format_table(('mini world, 300 validation scenes', 'mIoU (%)'), rows))

    announce(4, 'segmenting a picture')
    picture = work_dir / 'quickstart.png'
    checkpoint = last_checkpoint(work_dir)
    arguments = (validation_image(), CONFIG, checkpoint, '--out-file', picture)
    run('demo/image_demo.py', *arguments)

    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f'\nPicture: {picture}\nTime:    {minutes} min {seconds} s')


if __name__ == '__main__':
    run_main(main)
