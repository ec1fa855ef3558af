"""Train the experiment that a config describes."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.config import Config, ConfigDict
from mmengine.device import (
    is_cuda_available,
    is_mlu_available,
    is_musa_available,
    is_npu_available,
)
from mmengine.logging import print_log
from mmengine.runner import find_latest_checkpoint

from diffmm.apis import read_checkpoint
from diffmm.utils.command_line import UserError, run_main
from diffmm.utils.tool_config import add_common_arguments, build_runner, load_config
from diffmm.utils.work_dir import single_training, untouched_until_start


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
        help='train in mixed precision: bfloat16 where the GPU has it, else float16; '
        'bfloat16 on a CPU',
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
    if kind == 'AutocastOptimWrapper' or (kind == 'AmpOptimWrapper' and has_gpu()):
        print_log('the config already trains with AMP', 'current', logging.WARNING)
        return
    if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
        raise SystemExit(
            f'error: --amp replaces an OptimWrapper, but optim_wrapper.type is {kind!r}'
        )
    if not has_gpu():
        use_cpu_autocast(cfg.optim_wrapper)
        return
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    for key, value in amp_settings().items():
        cfg.optim_wrapper.setdefault(key, value)


def has_gpu() -> bool:
    """Say whether there is a device that MMEngine's AmpOptimWrapper runs on."""
    kinds = is_cuda_available, is_npu_available, is_mlu_available, is_musa_available
    return any(is_available() for is_available in kinds)


def use_cpu_autocast(optim_wrapper: ConfigDict) -> None:
    """Switch to bfloat16 on the CPU, which MMEngine's own wrapper refuses."""
    dtype = optim_wrapper.pop('dtype', 'bfloat16')
    if dtype != 'bfloat16':
        raise SystemExit(
            f'error: --amp: optim_wrapper.dtype is {dtype!r}, but a CPU trains in '
            'bfloat16 only; give --cfg-options optim_wrapper.dtype=bfloat16'
        )
    # bfloat16 has float32's range, so there is no loss to scale.
    optim_wrapper.pop('loss_scale', None)
    optim_wrapper.type = 'AutocastOptimWrapper'


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


def check_checkpoint(cfg: Config) -> None:
    """Refuses a damaged file before anything is built, with its name."""
    path = cfg.get('load_from')
    if path is None and cfg.get('resume'):
        path = find_latest_checkpoint(cfg.work_dir)
    if path is None or '://' in str(path):
        return
    try:
        read_checkpoint(path)
    except (FileNotFoundError, ValueError) as error:
        others = sorted(Path(cfg.work_dir).glob('*.pth'), key=os.path.getmtime)
        others = [each for each in others if each.resolve() != Path(path).resolve()]
        advice = ''
        if cfg.get('resume') and others:
            older = str(others[-1])
            advice = f'. An older one: --resume --cfg-options load_from={older!r}'
        raise UserError(f'{error}{advice}') from error


def main() -> None:
    args = parse_args()
    cfg = load_config(args)
    if args.amp:
        enable_amp(cfg)
    if args.auto_scale_lr:
        enable_auto_scale_lr(cfg)
    if args.resume:
        cfg.resume = True
    check_checkpoint(cfg)
    with single_training(Path(cfg.work_dir)), untouched_until_start(cfg) as start:
        runner = build_runner(cfg)
        runner.register_hook(start)
        runner.train()


if __name__ == '__main__':
    run_main(main)
