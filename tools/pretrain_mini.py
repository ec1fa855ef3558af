"""Pre-train `mini`, from drawing the scenes to the folder that is shipped.

Each stage is an ordinary command, printed before it runs. A stage that is done is left
out, one that was interrupted goes on, so this is run again until it says "complete".
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config

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
    parser.add_argument('--scenes', type=int, default=16000, help='training scenes')
    parser.add_argument(
        '--val-scenes', type=int, default=256, help='scenes of the validations'
    )
    parser.add_argument('--vae-iters', type=int, help="instead of the config's")
    parser.add_argument('--t2i-iters', type=int, help="instead of the config's")
    parser.add_argument(
        '--auc-scenes', type=int, default=500, help='scenes of the attention figures'
    )
    return parser.parse_args(argv)


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


def train(config: str, work_dir: Path, iters: int | None, options: list[str]) -> Path:
    """Train a config, unless its last checkpoint is there.

    Returns:
        The last checkpoint.
    """
    cfg = Config.fromfile(ROOT / config)
    last = iters or cfg.max_iters
    checkpoint = work_dir / f'iter_{last}.pth'
    if not checkpoint.is_file():
        if iters:
            options = [*options, *shorten(iters)]
        run(
            'tools/train.py',
            config,
            *('--work-dir', work_dir, '--resume', '--cfg-options', *options),
        )
    return checkpoint


def shorten(iters: int) -> list[str]:
    """Options that fit the configs' schedules, warm-up and decay, to a length."""
    warm_up = max(1, iters // 100)
    return [
        f'train_cfg.max_iters={iters}',
        f'train_cfg.val_interval={min(iters, 500)}',
        f'param_scheduler.0.end={warm_up}',
        f'param_scheduler.1.begin={warm_up}',
        f'param_scheduler.1.end={iters}',
    ]


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    work_dir = (ROOT / args.work_dir).resolve()
    out = (ROOT / args.out).resolve()
    latents = work_dir / 'latents'
    data = [
        f'train_dataloader.dataset.num_scenes={args.scenes}',
        f'val_dataloader.dataset.num_scenes={args.val_scenes}',
    ]

    print('\n=== 1/5 first stage: the VAE ===', flush=True)
    vae = train(VAE, work_dir / 'vae', args.vae_iters, data)

    print('\n=== 2/5 encoding the scenes ===', flush=True)
    encode = 'tools/dataset_converters/encode_latents.py'
    run(encode, VAE, vae, latents, '--device', args.device, '--cfg-options', *data)

    print('\n=== 3/5 second stage: text to image ===', flush=True)
    options = [
        f'model.vae={latents}',
        f'train_dataloader.dataset.data_root={latents / "train"}',
        f'val_dataloader.dataset.data_root={latents / "val"}',
    ]
    model = train(T2I, work_dir / 't2i', args.t2i_iters, options)

    print('\n=== 4/5 writing the folder ===', flush=True)
    if (out / 'model_index.json').is_file():
        print(f'{out} is there already; remove it to write it again')
    else:
        run('tools/model_converters/export_diffusers.py', T2I, model, out)

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
    main()
