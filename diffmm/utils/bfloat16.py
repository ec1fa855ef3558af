"""The processor's instructions for bfloat16."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from mmengine.logging import print_log

_CPU_INFO = Path('/proc/cpuinfo')
MATRIX_UNITS = 'amx_bf16'
# Of x86, and of ARM.
_INSTRUCTIONS = {MATRIX_UNITS, 'avx512_bf16', 'bf16'}


@cache
def bfloat16_instructions() -> frozenset[str]:
    """Asks the processor for its instructions for bfloat16.

    Returns:
        Some of ``'amx_bf16'`` (matrix units: bfloat16 is faster than float32),
        ``'avx512_bf16'`` and ``'bf16'`` (ARM); empty where PyTorch has to compute
        bfloat16 in float32, or where the system does not say.
    """
    if not _CPU_INFO.is_file():
        return frozenset()
    for line in _CPU_INFO.read_text().splitlines():
        name, _, flags = line.partition(':')
        if name.strip().lower() in ('flags', 'features'):
            return frozenset(_INSTRUCTIONS.intersection(flags.split()))
    return frozenset()


@cache
def say_if_slow(device: str) -> None:
    """Warns, once, if a device has to compute bfloat16 in float32.

    Args:
        device: Type of the device, such as ``'cpu'``.
    """
    if device == 'cpu' and not bfloat16_instructions():
        print_log(
            'this processor has no instructions for bfloat16, which is slower than '
            'float32 there; leave mixed precision off',
            'current',
            logging.WARNING,
        )
