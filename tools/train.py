"""Train the experiment that a config describes."""

from __future__ import annotations

import argparse
import logging

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.config import Config
from mmengine.logging import print_log

from diffmm.utils.tool_config import add_common_arguments, build_runner, load_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the experiment config')
    parser.add_argument(
        '--resume',
        action='store_true',
        help='go on from the latest checkpoint in the work dir',
    )
    parser.add_argument(
        '--amp',
        action='store_true',
        help='train in mixed precision: bfloat16 where the GPU has it, else float16',
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help="scale the learning rate to the global batch (the config's auto_scale_lr)",
    )
    add_common_arguments(parser)
    return parser.parse_args(argv)


def enable_amp(cfg: Config) -> None:
    """Switch the optimizer wrapper to mixed precision."""
    kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if kind == 'AmpOptimWrapper':
        print_log('the config already trains with AMP', 'current', logging.WARNING)
        return
    if kind != 'OptimWrapper':
        raise SystemExit(
            f'error: --amp replaces an OptimWrapper, but optim_wrapper.type is {kind!r}'
        )
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    for key, value in amp_settings().items():
        cfg.optim_wrapper.setdefault(key, value)


def amp_settings() -> dict:
    """Settings by GPU: bfloat16 has float32's range and needs no loss scaling."""
    cuda = torch.cuda
    if cuda.is_available() and cuda.is_bf16_supported(including_emulation=False):
        return dict(dtype='bfloat16', loss_scale=1.0)
    return dict(dtype='float16', loss_scale='dynamic')


def enable_auto_scale_lr(cfg: Config) -> None:
    """Switch on the config's learning-rate scaling."""
    if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
        raise SystemExit(
            'error: --auto-scale-lr needs auto_scale_lr=dict(base_batch_size=...) in '
            f'the config, which has auto_scale_lr={cfg.get("auto_scale_lr")!r}'
        )
    cfg.auto_scale_lr.enable = True


def main() -> None:
    args = parse_args()
    cfg = load_config(args)
    if args.amp:
        enable_amp(cfg)
    if args.auto_scale_lr:
        enable_auto_scale_lr(cfg)
    if args.resume:
        cfg.resume = True
    build_runner(cfg).train()


if __name__ == '__main__':
    main()
