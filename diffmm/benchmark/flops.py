"""Floating-point operations of a module, counted without computing anything."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


def count_flops(
    module: nn.Module, inputs: tuple[Tensor, ...], backward: bool = False
) -> int:
    """Count the FLOPs of one call (a multiply-add is two operations).

    The module runs on copies of its parameters on the meta device: shapes only, no
    arithmetic, no memory. PyTorch's counter does not know the fused attention kernels
    of the CPU, so ``scaled_dot_product_attention`` is told to use its plain
    matrix products; their count is the same. Compiled modules run uncompiled.

    Args:
        module: Any module whose forward takes tensors and returns a sequence of
            floating-point tensors.
        inputs: Its arguments; their shapes, dtypes and ``requires_grad`` matter.
        backward: Also count the backward pass of the sum of those outputs that carry
            gradient.

    Returns:
        The number of operations of matrix products and convolutions.
    """
    return sum(count_flops_by_kind(module, inputs, backward).values())


def count_flops_by_kind(
    module: nn.Module, inputs: tuple[Tensor, ...], backward: bool = False
) -> dict[str, int]:
    """Count the FLOPs of one call, convolutions and matrix products apart.

    Args:
        module: As for `count_flops`.
        inputs: As for `count_flops`.
        backward: As for `count_flops`.

    Returns:
        The operations of ``'convolution'`` and ``'matrix'``.
    """
    state = {
        name: _to_meta(tensor)
        for named in (module.named_parameters(), module.named_buffers())
        for name, tensor in named
    }
    meta_inputs = tuple(_to_meta(tensor) for tensor in inputs)
    counter = FlopCounterMode(display=False)
    with (
        torch.compiler.set_stance('force_eager'),
        sdpa_kernel(SDPBackend.MATH),
        torch.set_grad_enabled(backward),
        counter,
    ):
        outputs = torch.func.functional_call(module, state, meta_inputs)
        if backward:
            sum(out.sum() for out in outputs if out.requires_grad).backward()
    counts = dict(convolution=0, matrix=0)
    for operator, number in counter.get_flop_counts()['Global'].items():
        kind = 'convolution' if 'convolution' in str(operator) else 'matrix'
        counts[kind] += number
    return counts


def _to_meta(tensor: Tensor) -> Tensor:
    return tensor.detach().to('meta').requires_grad_(tensor.requires_grad)
