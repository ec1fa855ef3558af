"""Deformable convolution, in place of mmcv's compiled functions."""

from __future__ import annotations

from math import prod

from torch import Tensor
from torchvision.ops import deform_conv2d

from .precision import at_least_float32
from .recompute import pull_back

__all__ = [
    'deform_conv_backward_input',
    'deform_conv_backward_parameters',
    'deform_conv_forward',
    'modulated_deform_conv_backward',
    'modulated_deform_conv_forward',
]


def deform_conv_forward(
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    output: Tensor,
    columns: Tensor,
    ones: Tensor,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
    group: int,
    deformable_group: int,
    im2col_step: int,
) -> None:
    """Convolves at shifted places (Deformable Convolutional Networks, v1).

    Both group numbers, and the kernel's size, are read from the shapes.

    Args:
        input: ``(B, C, H, W)``.
        weight: ``(O, C / group, kH, kW)``.
        offset: Shifts ``(B, 2 * deformable_group * kH * kW, h, w)`` in pixels, y
            before x.
        output: Written: ``(B, O, h, w)``.
        columns: A buffer of mmcv's; not used, and so ``ones``.
        ones: Not used.
        kW: Width of the kernel.
        kH: Height of the kernel.
        dW: Horizontal stride.
        dH: Vertical stride.
        padW: Horizontal padding.
        padH: Vertical padding.
        dilationW: Horizontal dilation.
        dilationH: Vertical dilation.
        group: Groups of channels.
        deformable_group: Groups of channels that share shifts.
        im2col_step: Images at a time in mmcv; not used.
    """
    geometry = ((dH, dW), (padH, padW), (dilationH, dilationW))
    output.copy_(_convolve(input, offset, weight, geometry))


def deform_conv_backward_input(
    input: Tensor,
    offset: Tensor,
    gradOutput: Tensor,
    gradInput: Tensor,
    gradOffset: Tensor,
    weight: Tensor,
    columns: Tensor,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
    group: int,
    deformable_group: int,
    im2col_step: int,
) -> None:
    """Adds to ``gradInput`` and ``gradOffset``; arguments as in the forward."""
    geometry = ((dH, dW), (padH, padW), (dilationH, dilationW))

    def convolve(input: Tensor, offset: Tensor) -> Tensor:
        return _convolve(input, offset, weight, geometry)

    gradients = pull_back(convolve, [input, offset], gradOutput)
    _add([gradInput, gradOffset], gradients)


def deform_conv_backward_parameters(
    input: Tensor,
    offset: Tensor,
    gradOutput: Tensor,
    gradWeight: Tensor,
    columns: Tensor,
    ones: Tensor,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
    group: int,
    deformable_group: int,
    scale: float,
    im2col_step: int,
) -> None:
    """Adds ``scale`` times the gradient to ``gradWeight``; otherwise as the forward."""
    geometry = ((dH, dW), (padH, padW), (dilationH, dilationW))

    def convolve(weight: Tensor) -> Tensor:
        return _convolve(input, offset, weight, geometry)

    # Linear in the weight, so its values do not matter; its shape does.
    (gradient,) = pull_back(convolve, [gradWeight], gradOutput)
    gradWeight.add_(gradient, alpha=scale)


def modulated_deform_conv_forward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    ones: Tensor,
    offset: Tensor,
    mask: Tensor,
    output: Tensor,
    columns: Tensor,
    kernel_h: int,
    kernel_w: int,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    group: int,
    deformable_group: int,
    with_bias: bool,
) -> None:
    """Convolves at shifted places with a weight for each (DCN v2).

    Both group numbers, and the kernel's size, are read from the shapes.

    Args:
        input: ``(B, C, H, W)``.
        weight: ``(O, C / group, kernel_h, kernel_w)``.
        bias: ``(O,)``; empty without one.
        ones: A buffer of mmcv's; not used, and so ``columns``.
        offset: Shifts ``(B, 2 * deformable_group * kernel_h * kernel_w, h, w)`` in
            pixels, y before x.
        mask: Weights ``(B, deformable_group * kernel_h * kernel_w, h, w)``.
        output: Written: ``(B, O, h, w)``.
        columns: Not used.
        kernel_h: Height of the kernel.
        kernel_w: Width of the kernel.
        stride_h: Vertical stride.
        stride_w: Horizontal stride.
        pad_h: Vertical padding.
        pad_w: Horizontal padding.
        dilation_h: Vertical dilation.
        dilation_w: Horizontal dilation.
        group: Groups of channels.
        deformable_group: Groups of channels that share shifts.
        with_bias: Whether ``bias`` counts.
    """
    geometry = ((stride_h, stride_w), (pad_h, pad_w), (dilation_h, dilation_w))
    offset, mask = _fit(offset, output), _fit(mask, output)
    bias = bias if with_bias else None
    output.copy_(_convolve(input, offset, weight, geometry, mask, bias))


def modulated_deform_conv_backward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    ones: Tensor,
    offset: Tensor,
    mask: Tensor,
    columns: Tensor,
    grad_input: Tensor,
    grad_weight: Tensor,
    grad_bias: Tensor,
    grad_offset: Tensor,
    grad_mask: Tensor,
    grad_output: Tensor,
    kernel_h: int,
    kernel_w: int,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    group: int,
    deformable_group: int,
    with_bias: bool,
) -> None:
    """Adds to the five gradients; arguments as in the forward."""
    geometry = ((stride_h, stride_w), (pad_h, pad_w), (dilation_h, dilation_w))

    def convolve(input: Tensor, offset: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
        offset, mask = _fit(offset, grad_output), _fit(mask, grad_output)
        return _convolve(input, offset, weight, geometry, mask)

    tensors = [input, offset, weight, mask]
    gradients = pull_back(convolve, tensors, grad_output)
    _add([grad_input, grad_offset, grad_weight, grad_mask], gradients)
    if with_bias:
        grad_bias.add_(grad_output.sum((0, 2, 3)))


def _convolve(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    geometry: tuple[tuple[int, int], ...],
    mask: Tensor | None = None,
    bias: Tensor | None = None,
) -> Tensor:
    """Runs torchvision's operator; ``geometry`` is stride, padding and dilation."""
    input, offset, weight = at_least_float32(input, offset, weight)
    bias, mask = (each if each is None else each.to(input) for each in (bias, mask))
    return deform_conv2d(input, offset, weight, bias, *geometry, mask)


def _fit(values: Tensor, output: Tensor) -> Tensor:
    """Gives larger offsets or masks the height and width of the output.

    mmcv does not compare the sizes: it reads the values of an image one after another,
    as if they had the output's. DyHead's coarser level depends on it.

    Args:
        values: ``(B, C, H, W)``.
        output: ``(B, O, h, w)``.

    Returns:
        ``(B, C, h, w)``.

    Raises:
        RuntimeError: If there are too few values.
    """
    shape = (values.shape[1], *output.shape[-2:])
    if values.shape[1:] == shape:
        return values
    return values.flatten(1)[:, : prod(shape)].unflatten(1, shape)


def _add(sums: list[Tensor], gradients: tuple[Tensor, ...]) -> None:
    for total, gradient in zip(sums, gradients, strict=True):
        total.add_(gradient)
