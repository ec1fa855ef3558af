"""Peak arithmetic rates of GPUs, from the makers' data sheets."""

from __future__ import annotations

import re

import torch

# (pattern in the device's name, bf16, TF32, fp32) in dense TFLOP/s: tensor cores
# without sparsity for bf16 and TF32, ordinary cores for fp32. The first match counts,
# so more specific names come first. None: the device has no such unit.
_PEAKS: tuple[tuple[str, float | None, float | None, float], ...] = (
    (r'\bB200\b', 2250, 1125, 75),
    (r'\bH200\b', 989, 494, 67),
    (r'\bH100 PCIe\b', 756, 378, 51),
    (r'\bH100 NVL\b', 835, 417, 60),
    (r'\bH100\b', 989, 494, 67),
    (r'\bH800\b', 989, 494, 67),
    (r'\bA100\b', 312, 156, 19.5),
    (r'\bA800\b', 312, 156, 19.5),
    (r'\bL40S\b', 362, 183, 91.6),
    (r'\bL4\b', 121, 60, 30.3),
    (r'\bA10G\b', 70, 35, 31.5),
    (r'\bA10\b', 125, 62.5, 31.2),
    (r'\bA40\b', 149.7, 74.8, 37.4),
    (r'\bRTX A6000\b', 154.8, 77.4, 38.7),
    (r'\bGeForce RTX 4090$', 165.2, 82.6, 82.6),
    (r'\bGeForce RTX 3090$', 71, 35.6, 35.6),
    (r'\bV100\b', None, None, 15.7),
    (r'\bT4\b', None, None, 8.1),
)


def lookup_peak_tflops(device_name: str, precision: str) -> float | None:
    """Return the dense peak of a GPU in TFLOP/s, or None if it is not in the table.

    Args:
        device_name: As ``torch.cuda.get_device_name`` gives it.
        precision: ``'bf16'`` or ``'fp32'``. For ``'fp32'`` the TF32 peak counts as soon
            as PyTorch may use TF32 for convolutions or matrix products.

    Raises:
        ValueError: If the precision is neither of the two.
    """
    if precision not in ('bf16', 'fp32'):
        raise ValueError(f"precision must be 'bf16' or 'fp32', got {precision!r}")
    for pattern, bf16, tf32, fp32 in _PEAKS:
        if re.search(pattern, device_name):
            if precision == 'bf16':
                return bf16
            return tf32 if tf32 is not None and _tf32_allowed() else fp32
    return None


def _tf32_allowed() -> bool:
    return torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32
