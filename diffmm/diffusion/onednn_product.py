"""Products of matrices by oneDNN, where that is the faster library."""

from __future__ import annotations

import functools
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

# Multiply-adds from which on oneDNN is faster in a linear layer and its two gradients;
# below that the detour through Python costs more.
_LEAST_MULTIPLY_ADDS = 2_000_000


def is_onednn_faster(hidden: Tensor, multiply_adds: int) -> bool:
    """Tells if oneDNN multiplies float32 faster than what PyTorch takes.

    PyTorch multiplies float32 matrices with MKL, which uses AVX-512 on Intel's
    processors alone. On AMD's with AVX-512, oneDNN is more than twice as fast.

    Args:
        hidden: An operand.
        multiply_adds: Size of the product.

    Returns:
        Whether `multiply` is worth it; False where `is_watched`.
    """
    return (
        hidden.device.type == 'cpu'
        and multiply_adds >= _LEAST_MULTIPLY_ADDS
        and _has_slow_mkl()
        and torch.backends.mkldnn.enabled
        and not is_watched()
    )


def is_watched() -> bool:
    """Tells if something looks at every operator, and should see the plain ones.

    Returns:
        True for a compiler, an export, transforms such as ``torch.func.vmap``, and
        PyTorch's counter of operations and its like.
    """
    # The last two have no public names.
    return bool(
        torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or torch._C._are_functorch_transforms_active()
        or torch._C._len_torch_dispatch_stack()
    )


def multiply(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiplies matrices with oneDNN in the two passes of an ``autograd.Function``.

    Args:
        left: Shape (..., N), float32.
        right: Shape (M, N), float32.
        bias: Shape (M,), or None.

    Returns:
        ``left @ right.T + bias``, shape (..., M). Where that itself needs a gradient
        (a second derivative), PyTorch's default multiplies.
    """
    if torch.is_grad_enabled():
        return F.linear(left, right, bias)
    left, right = _dense(left), _dense(right)
    return torch.ops.mkldnn._linear_pointwise(left, right, bias, 'none', [], '')


def _dense(matrices: Tensor) -> Tensor:
    # With gaps between rows oneDNN takes minutes instead of milliseconds.
    dense = matrices.is_contiguous() or matrices.mT.is_contiguous()
    return matrices if dense else matrices.contiguous()


@functools.cache
def _has_slow_mkl() -> bool:
    return (
        torch.backends.mkl.is_available()
        and torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability() == 'AVX512'
        and _vendor() == 'AuthenticAMD'
    )


def _vendor() -> str:
    path = Path('/proc/cpuinfo')  # Linux's; elsewhere PyTorch's default is kept.
    lines = path.read_text().splitlines() if path.is_file() else []
    found = [line.split(':', 1)[1] for line in lines if line.startswith('vendor_id')]
    return found[0].strip() if found else ''
