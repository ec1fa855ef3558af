"""Pre-train `mini`, from drawing the scenes to the folder that is shipped.

Each stage is an ordinary command, printed before it runs. A stage that is done is left
out, one that was interrupted goes on, so this is run again until it says "complete".

With ``--snapshots`` the second stage is run again with the VAE that is shipped, up to
the longest of some numbers of iterations, and the model is written after each of them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config

from diffmm.studies import is_complete
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.scalars import reached_step

ROOT = Path(__file__).resolve().parents[1]
VAE = 'configs/mini_sd/mini-sd_vae_1xb8-2k_mini-world-128x128.py'
T2I = 'configs/mini_sd/mini-sd_t2i_1xb32-5k_mini-world-128x128.py'
SHIPPED = ROOT / 'diffmm' / 'diffusion' / 'weights' / 'shipped' / 'mini'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--work-dir',
        type=Path,
        default=Path('work_dirs') / 'pretrain_mini',
        help='logs, checkpoints, latents and figures (default: %(default)s)',
    )
    parser.add_argument(
        '--out', type=Path, default=SHIPPED, help='the folder (default: package data)'
    )
    parser.add_argument('--device', default='cpu', help='for encoding: "cpu", "cuda:0"')
    parser.add_argument(
        '--scenes', type=positive_int, default=16000, help='training scenes'
    )
    parser.add_argument(
        '--val-scenes', type=positive_int, default=256, help='scenes of the validations'
    )
    parser.add_argument(
        '--vae-iters', type=positive_int, help="instead of the config's"
    )
    parser.add_argument(
        '--t2i-iters', type=positive_int, help="instead of the config's"
    )
    parser.add_argument(
        '--auc-scenes',
        type=positive_int,
        default=500,
        help='scenes of the attention figures',
    )
    parser.add_argument(
        '--snapshots',
        type=parse_snapshot,
        nargs='+',
        metavar='ITERATIONS=FOLDER',
        help='only: write the model to FOLDER after ITERATIONS of its second stage',
    )
    return parser.parse_args(argv)


def parse_snapshot(text: str) -> tuple[int, Path]:
    """Read ``500=FOLDER``."""
    iters, _, folder = text.partition('=')
    if not (iters.isdigit() and int(iters) and folder):
        raise argparse.ArgumentTypeError(f'{text!r} is not ITERATIONS=FOLDER')
    return int(iters), Path(folder)


def run(script: str, *arguments: object) -> None:
    """Run a script of the repository.

    Raises:
        SystemExit: If it fails.
    """
    command = [sys.executable, str(ROOT / script), *map(str, arguments)]
    print('$ python', script, *command[2:], flush=True)
    started = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status:
        raise SystemExit(f'pretrain_mini: {script} failed with status {status}')
    print(f'took {(time.monotonic() - started) / 60:.1f} min', flush=True)


def train(config: str, work_dir: Path, iters: int, options: list[str]) -> Path:
    """Train a config, unless its last checkpoint is there.

    Returns:
        The last checkpoint.

    Raises:
        SystemExit: The training went on, and the checkpoint is gone; or it fails.
    """
    checkpoint = work_dir / f'iter_{iters}.pth'
    reached = reached_step(work_dir) or 0
    if reached > iters and not checkpoint.is_file():
        raise SystemExit(
            f'error: {work_dir} has reached iteration {reached}, and {checkpoint.name} '
            'is gone: remove the folder, or name another --work-dir'
        )
    if reached < iters:
        run(
            'tools/train.py',
            config,
            *('--work-dir', work_dir, '--resume', '--cfg-options', *options),
        )
    return checkpoint


def length(config: str) -> int:
    """Iterations of a config."""
    return Config.fromfile(ROOT / config).train_cfg.max_iters


def shorten(iters: int | None) -> list[str]:
    """Options that fit the configs' schedules, warm-up and decay, to a length."""
    if not iters:
        return []
    warm_up = max(1, iters // 100)
    return [
        f'train_cfg.max_iters={iters}',
        f'train_cfg.val_interval={min(iters, 500)}',
        f'param_scheduler.0.end={warm_up}',
        f'param_scheduler.1.begin={warm_up}',
        f'param_scheduler.1.end={iters}',
    ]


def encode(latents: Path, vae: Path, device: str, data: list[str]) -> list[str]:
    """Encode the scenes.

    Returns:
        Options of the second stage's data loaders that name the latents.
    """
    script = 'tools/encoders/encode_latents.py'
    run(script, VAE, vae, latents, '--device', device, '--cfg-options', *data)
    return [
        f'train_dataloader.dataset.data_root={latents / "train"}',
        f'val_dataloader.dataset.data_root={latents / "val"}',
    ]


def place_shipped_vae(latents: Path) -> None:
    """Put the shipped VAE where one that is there is neither trained nor rescaled."""
    if not (latents / 'vae').is_dir():
        shutil.copytree(SHIPPED / 'vae', latents / '.vae', dirs_exist_ok=True)
        (latents / '.vae').rename(latents / 'vae')


def export(config: str, checkpoint: Path, out: Path) -> None:
    """Write the model of a checkpoint, unless it is there."""
    if is_complete(out):
        print(f'{out} is there already; remove it to write it again')
    else:
        run('tools/model_converters/export_diffusers.py', config, checkpoint, out)


def write_snapshots(args: argparse.Namespace, work_dir: Path, data: list[str]) -> None:
    """Train the second stage step by step and write the model after each."""
    latents = work_dir / 'latents'
    place_shipped_vae(latents)
    options = encode(latents, SHIPPED / 'vae', args.device, data)
    options.append(f'model.vae={latents}')
    for iters, folder in sorted(args.snapshots):
        print(f'\n=== {iters} iterations ===', flush=True)
        if is_complete(folder):
            print(f'{folder} is there already')
            continue
        # The learning rate is that of the whole schedule.
        limit = [f'train_cfg.max_iters={iters}']
        model = train(T2I, work_dir / 't2i', iters, [*options, *limit])
        export(T2I, model, folder.resolve())


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    work_dir = (ROOT / args.work_dir).resolve()
    out = (ROOT / args.out).resolve()
    data = [
        f'train_dataloader.dataset.num_scenes={args.scenes}',
        f'val_dataloader.dataset.num_scenes={args.val_scenes}',
    ]
    if args.snapshots:
        write_snapshots(args, work_dir, data)
        return

    print('\n=== 1/5 first stage: the VAE ===', flush=True)
    iters = args.vae_iters
    options = [*data, *shorten(iters)]
    vae = train(VAE, work_dir / 'vae', iters or length(VAE), options)

    print('\n=== 2/5 encoding the scenes ===', flush=True)
    latents = work_dir / 'latents'
    options = encode(latents, vae, args.device, data)
    options.append(f'model.vae={latents}')

    print('\n=== 3/5 second stage: text to image ===', flush=True)
    iters = args.t2i_iters
    options += shorten(iters)
    model = train(T2I, work_dir / 't2i', iters or length(T2I), options)

    print('\n=== 4/5 writing the folder ===', flush=True)
    export(T2I, model, out)

    print('\n=== 5/5 what it knows ===', flush=True)
    run(
        'tools/analysis_tools/attention_auc.py',
        *('--pretrained', out, '--scenes', args.auc_scenes),
        *('--out', work_dir / 'attention_auc.json'),
    )
    grid = work_dir / 'text_to_image.png'
    run('demo/text_to_image_demo.py', '--pretrained', out, '--out-file', grid)
    print(f'\ncomplete: {out}, {work_dir / "attention_auc.json"}, {grid}')


if __name__ == '__main__':
    run_main(main)
