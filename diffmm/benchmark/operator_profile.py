"""The time of a backbone's parts by kind of operator, beside its lower bound."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from diffmm.diffusion import ImageEncoder
from diffmm.models.backbones.images import pad_images
from diffmm.models.precision import unet_precision

from .flops import count_flops_by_kind
from .machine_rate import MachineRate, measure_rate, processor_seconds
from .unet_benchmark import UNetBenchmark

PRECISIONS = dict(fp32=torch.float32, bf16=torch.bfloat16)
# Kinds of operators, by what their names contain; the first that fits counts.
_KINDS = {
    'attention': ('scaled_dot_product', 'softmax'),
    'convolution': ('conv',),
    'matrix product': ('mm', '::linear', 'matmul'),
    'norm': ('norm',),
    'copy, cast': ('copy', 'cat', 'fill_', 'zero_', 'clone', 'empty', 'resize_'),
}
OTHER = 'other'
KINDS = (*_KINDS, OTHER)


@dataclass
class PartProfile:
    """The measured cost of a part.

    Attributes:
        part: ``'image encoder'``, ``'UNet forward'`` or ``'UNet training'`` (forward
            and backward).
        precision: ``'fp32'`` or ``'bf16'``.
        seconds: Processor seconds, median over the runs.
        bound: Seconds that its convolutions and matrix products take at the rates of
            this machine.
        shares: Share of the time by kind of operator, which add up to one.
    """

    part: str
    precision: str
    seconds: float
    bound: float
    shares: dict[str, float]


def profile_backbone(
    backbone: nn.Module,
    size: tuple[int, int],
    batch_size: int,
    precision: str,
    repeats: int = 3,
) -> tuple[MachineRate, list[PartProfile]]:
    """Profiles image encoder, UNet forward, and UNet forward and backward on a CPU.

    Args:
        backbone: A ``StableDiffusionBackbone`` on the CPU. Its image encoder is left in
            the precision.
        size: Height and width of the images.
        batch_size: Number of images.
        precision: ``'fp32'``, or ``'bf16'``: the UNet under autocast, the frozen image
            encoder with weights in bfloat16.
        repeats: Timed runs of each part.

    Returns:
        The rates of the machine in this precision, and the profiles.

    Raises:
        ValueError: The backbone is not on the CPU, a number is not positive, or the
            precision is unknown.
    """
    if repeats < 1:
        raise ValueError(f'repeats must be at least 1, got {repeats}')
    benchmark = UNetBenchmark(backbone, size, batch_size, precision)
    if benchmark.device.type != 'cpu':
        raise ValueError(
            f'the backbone is on {benchmark.device}, and the rates and the processor '
            'seconds are those of a CPU; a GPU is measured by '
            'tools/analysis_tools/benchmark.py'
        )
    dtype = PRECISIONS[precision]
    rate = measure_rate(dtype)
    encoder: ImageEncoder = backbone.vae
    encoder.set_encoder_dtype(str(dtype).removeprefix('torch.'))
    parts = {
        'image encoder': (encoder, (pad_images(benchmark.images),), False),
        'UNet forward': (benchmark.feature, benchmark.inputs, False),
        'UNet training': (benchmark.feature, benchmark.inputs, True),
    }
    profiles = []
    for part, (module, inputs, backward) in parts.items():
        # A quant_conv of eight channels is nothing, and shapes alone know no autocast.
        counted, seen = module, inputs
        if module is encoder:
            counted, seen = encoder.encoder, (inputs[0].to(dtype),)
        flops = count_flops_by_kind(counted, seen, backward)
        bound = flops['convolution'] / rate.convolution + flops['matrix'] / rate.matrix
        run = partial(_run, module, inputs, backward, precision == 'bf16')
        seconds = statistics.median(processor_seconds(run, repeats))
        profiles.append(PartProfile(part, precision, seconds, bound, share_time(run)))
    return rate, profiles


def _run(
    module: nn.Module, inputs: tuple[Tensor, ...], backward: bool, autocast: bool
) -> None:
    """Runs a part once; gradients are dropped, as before every step of a training."""
    with (
        torch.set_grad_enabled(backward),
        unet_precision(torch.device('cpu'), autocast),
    ):
        outputs = module(*inputs)
        if backward:
            loss = sum(out.mean() for out in outputs if out.requires_grad)
    if backward:
        loss.backward()
        module.zero_grad(set_to_none=True)


def share_time(function: Callable[[], Any]) -> dict[str, float]:
    """Runs a function under PyTorch's profiler.

    Args:
        function: The function.

    Returns:
        The share of every kind of operator in the time of all operators.
    """
    with profile(activities=[ProfilerActivity.CPU], acc_events=True) as profiler:
        function()
    times: Counter[str] = Counter()
    for event in profiler.key_averages():
        if event.key.startswith('aten::'):
            times[kind_of(event.key)] += event.self_cpu_time_total
    total = times.total()
    return {kind: times[kind] / total for kind in KINDS}


def kind_of(operator: str) -> str:
    """Names the kind of an operator, one of `KINDS`.

    Args:
        operator: Such as ``'aten::mkldnn_convolution'``.
    """
    for kind, parts in _KINDS.items():
        if any(part in operator for part in parts):
            return kind
    return OTHER
