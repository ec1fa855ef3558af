"""Goes on with the pre-training of `mini`, with pictures in every style.

Styled scenes are encoded with the VAE of `mini`, training goes on from its weights, the
folder is written, and what it knows is measured. A stage that is done is left out, one
that was interrupted goes on, so this is run again until it says "complete".
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pretrain_mini import (
    ROOT,
    SHIPPED,
    encode,
    export,
    length,
    place_shipped_vae,
    run,
    shorten,
    train,
)

from diffmm.utils.command_line import positive_int, run_main

STYLES_T2I = 'configs/mini_sd/mini-sd-styles_t2i_1xb32-2k_mini-world-128x128.py'
SHARES = dict(day=0.4, night=0.12, fog=0.12, watercolor=0.12, comic=0.12, sketch=0.12)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--work-dir',
        type=Path,
        default=Path('work_dirs') / 'pretrain_mini_styles',
        help='logs, checkpoints, latents and figures (default: %(default)s)',
    )
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('pretrained') / 'mini-styles',
        help='the folder (default: %(default)s), for pretrained=',
    )
    parser.add_argument('--device', default='cpu', help='for encoding: "cpu", "cuda:0"')
    parser.add_argument(
        '--scenes', type=positive_int, default=12000, help='training scenes'
    )
    parser.add_argument(
        '--val-scenes', type=positive_int, default=256, help='scenes of the validations'
    )
    parser.add_argument('--iters', type=positive_int, help="instead of the config's")
    parser.add_argument(
        '--auc-scenes',
        type=positive_int,
        default=500,
        help='scenes of the attention figures',
    )
    parser.add_argument(
        '--pictures',
        type=positive_int,
        default=48,
        help='drawn for each style, to be examined',
    )
    return parser.parse_args(argv)


def scenes(args: argparse.Namespace) -> list[str]:
    """Options of the config that draws the scenes: how many, in which styles."""
    loaders = {'train_dataloader': args.scenes, 'val_dataloader': args.val_scenes}
    options = [f'{name}.dataset.num_scenes={n}' for name, n in loaders.items()]
    return options + [
        f'{name}.dataset.styles.{style}={share}'
        for name in loaders
        for style, share in SHARES.items()
    ]


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    work_dir, out = (ROOT / args.work_dir).resolve(), (ROOT / args.out).resolve()

    print('\n=== 1/4 encoding the scenes ===', flush=True)
    latents = work_dir / 'latents'
    place_shipped_vae(latents)
    options = encode(latents, SHIPPED / 'vae', args.device, scenes(args))
    options += shorten(args.iters)

    print('\n=== 2/4 training ===', flush=True)
    iters = args.iters or length(STYLES_T2I)
    model = train(STYLES_T2I, work_dir / 't2i', iters, options)

    print('\n=== 3/4 writing the folder ===', flush=True)
    export(STYLES_T2I, model, out)

    print('\n=== 4/4 what it knows ===', flush=True)
    run(
        'tools/analysis_tools/attention_auc.py',
        *('--pretrained', out, '--scenes', args.auc_scenes),
        *('--out', work_dir / 'attention_auc.json'),
    )
    run(
        'tools/analysis_tools/style_movement.py',
        *('--pretrained', out, '--pictures', args.pictures),
        *('--out', work_dir / 'style_movement.json'),
    )
    print(f'\ncomplete: {out}, figures in {work_dir}')


if __name__ == '__main__':
    run_main(main)
