"""Convolutions of many channels on few positions, as matrix products."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from .onednn_product import is_onednn_faster, is_watched, multiply

# Input channels for each output position of the batch, from which on a matrix product
# is the faster one. In Stable Diffusion 1.5, at 512 pixels and batch 1, these are 1,280
# and more channels on 16x16 and 8x8 positions.
_CHANNELS_PER_POSITION = 5
_DTYPES = (torch.float32, torch.bfloat16)


class MatrixConv2d(nn.Conv2d):
    """A convolution that is a matrix product on a CPU where it has few positions.

    oneDNN's convolutions, which PyTorch takes otherwise, bring the weights into an
    order of their own in every call. On few positions that takes longer than the
    convolution. The columns of the product are the input's patches.
    """

    def forward(self, hidden: Tensor) -> Tensor:
        """Convolves.

        Args:
            hidden: Shape (B, C, h, w).

        Returns:
            What ``nn.Conv2d`` returns, but for rounding.
        """
        if not self._is_product_faster(hidden):
            return super().forward(hidden)
        weight, bias = self.weight, self.bias
        fits = hidden.shape[1] == weight.shape[1]
        if fits and is_onednn_faster(hidden, weight, bias, self._positions(hidden)):
            return _ConvolutionProduct.apply(
                hidden, weight, bias, self.stride, self.padding
            )
        if torch.is_autocast_enabled('cpu'):
            # Autocast does not know the operator.
            dtype = torch.get_autocast_dtype('cpu')
            hidden, weight = hidden.to(dtype), weight.to(dtype)
            bias = None if bias is None else bias.to(dtype)
        return torch.ops.aten.thnn_conv2d(
            hidden, weight, self.kernel_size, bias, self.stride, self.padding
        )

    def _is_product_faster(self, hidden: Tensor) -> bool:
        return (
            not is_watched()
            and hidden.device.type == 'cpu'
            and hidden.dtype in _DTYPES
            and 0 < self._positions(hidden) * _CHANNELS_PER_POSITION <= self.in_channels
        )

    def _positions(self, hidden: Tensor) -> int:
        height, width = (
            -(-side // step)
            for side, step in zip(hidden.shape[-2:], self.stride, strict=True)
        )
        return len(hidden) * height * width


def use_matrix_convolutions(model: nn.Module) -> None:
    """Lets a model's plain convolutions be matrix products where that is faster.

    Parameters, their names and hooks stay as they are.

    Args:
        model: Such as a UNet, changed in place.
    """
    for module in model.modules():
        if type(module) is nn.Conv2d and _is_plain(module):
            module.__class__ = MatrixConv2d


class _ConvolutionProduct(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(hidden, weight)
        ctx.window = dict(kernel_size=weight.shape[-2:], padding=padding, stride=stride)
        patches = F.unfold(hidden, **ctx.window).transpose(1, 2)  # (B, P, C*k*k)
        found = multiply(patches, weight.flatten(1), bias).transpose(1, 2)  # (B, K, P)
        sides = (
            (side + 2 * pad - kernel) // step + 1
            for side, pad, kernel, step in zip(
                hidden.shape[-2:], padding, weight.shape[-2:], stride, strict=True
            )
        )
        return found.unflatten(2, tuple(sides)).contiguous()

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight = ctx.saved_tensors
        rows = gradient.movedim(1, -1).reshape(-1, len(weight))  # (B*P, K)
        of_hidden = of_weight = of_bias = None
        if ctx.needs_input_grad[0]:
            patches = multiply(rows, weight.flatten(1).t())  # (B*P, C*k*k)
            patches = patches.reshape(len(hidden), -1, patches.shape[-1])
            patches = patches.transpose(1, 2)
            of_hidden = F.fold(patches, hidden.shape[-2:], **ctx.window)
        if ctx.needs_input_grad[1]:
            # The patches again: kept, they would be nine times the input.
            patches = F.unfold(hidden, **ctx.window).transpose(0, 1).flatten(1)
            of_weight = multiply(rows.t(), patches).view(weight.shape)
        if ctx.needs_input_grad[2]:
            of_bias = rows.sum(dim=0)
        return of_hidden, of_weight, of_bias, None, None


def _is_plain(convolution: nn.Conv2d) -> bool:
    return (
        max(convolution.kernel_size) > 1
        and convolution.groups == 1
        and set(convolution.dilation) == {1}
        and convolution.padding_mode == 'zeros'
        and not isinstance(convolution.padding, str)
    )
