"""The processor's instructions for bfloat16."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from mmengine.logging import print_log

_CPU_INFO = Path('/proc/cpuinfo')
# Of x86, and of ARM.
_INSTRUCTIONS = {'amx_bf16', 'avx512_bf16', 'bf16'}


@cache
def computes_bfloat16() -> bool:
    """Asks the processor whether it has instructions for bfloat16.

    Returns:
        False where PyTorch has to compute bfloat16 in float32, or where the system does
        not say.
    """
    if not _CPU_INFO.is_file():
        return False
    for line in _CPU_INFO.read_text().splitlines():
        name, _, flags = line.partition(':')
        if name.strip().lower() in ('flags', 'features'):
            return not _INSTRUCTIONS.isdisjoint(flags.split())
    return False


@cache
def say_if_slow(device: str) -> None:
    """Warns, once, if a device has to compute bfloat16 in float32.

    Args:
        device: Type of the device, such as ``'cpu'``.
    """
    if device == 'cpu' and not computes_bfloat16():
        print_log(
            'this processor has no instructions for bfloat16, which is many times '
            'slower than float32 there; leave mixed precision (--amp, autocast, '
            '--precision bf16) and vae_dtype=bfloat16 off',
            'current',
            logging.WARNING,
        )
