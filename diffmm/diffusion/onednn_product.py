"""Products of matrices by oneDNN, where that is the faster library."""

from __future__ import annotations

import functools
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import forward_ad

# Multiply-adds from which on oneDNN is faster in a linear layer and its two gradients;
# below that the detour through Python costs more.
_LEAST_MULTIPLY_ADDS = 2_000_000


def is_onednn_faster(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, rows: int
) -> bool:
    """Tells if oneDNN multiplies these faster than what PyTorch takes.

    PyTorch multiplies float32 matrices with MKL, which uses AVX-512 on Intel's
    processors alone. On AMD's with AVX-512, oneDNN is more than twice as fast.

    Args:
        hidden: The input.
        weight: The weights, of any shape.
        bias: The bias, or None.
        rows: How often each weight is used.

    Returns:
        Whether `multiply` is worth it. False also under autocast, for what is not
        float32, dense and on the CPU, and for a bias of another shape. Ask `is_watched`
        before: a compiler that comes across the sizes compiles for some of them only.
    """
    return (
        _has_slow_mkl()  # first: it is a cached answer, on most machines no
        and not torch.is_autocast_enabled('cpu')
        and all(
            each.device.type == 'cpu'
            and each.dtype == torch.float32
            and each.layout == torch.strided
            for each in (hidden, weight, bias)
            if each is not None
        )
        and rows * weight.numel() >= _LEAST_MULTIPLY_ADDS
        and (bias is None or bias.shape == weight.shape[:1])
        and torch.backends.mkldnn.enabled
    )


def is_watched() -> bool:
    """Tells if something looks at every operator, and should see the plain ones.

    Returns:
        True for a compiler, an export, transforms such as ``torch.func.vmap``,
        derivatives in forward mode, and PyTorch's counter of operations and its like.
    """
    # The last three have no public names.
    return bool(
        torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or torch._C._are_functorch_transforms_active()
        or torch._C._len_torch_dispatch_stack()
        or forward_ad._current_level >= 0
    )


def multiply(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiplies a matrix by a transposed one, in a pass of an ``autograd.Function``.

    Args:
        left: Shape (..., N), float32, at least two dimensions.
        right: Shape (M, N), float32.
        bias: Shape (M,), float32, or None.

    Returns:
        ``left @ right.T + bias``, shape (..., M), by oneDNN. Where that itself needs a
        gradient (a second derivative), or `is_watched`, PyTorch's default multiplies.
    """
    if torch.is_grad_enabled() or is_watched():
        return F.linear(left, right, bias)
    # oneDNN takes no notice of a bias's strides, and minutes for gaps between rows.
    bias = None if bias is None else bias.contiguous()
    left, right = _dense(left), _dense(right)
    return torch.ops.mkldnn._linear_pointwise(left, right, bias, 'none', [], '')


def _dense(matrices: Tensor) -> Tensor:
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
