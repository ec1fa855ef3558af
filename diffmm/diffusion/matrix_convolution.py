"""Convolutions of many channels on few positions, as matrix products."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Input channels for each output position of the batch, from which on a matrix product
# is the faster one. In Stable Diffusion 1.5, at 512 pixels and batch 1, these are 1,280
# and more channels on 16x16 and 8x8 positions.
_CHANNELS_PER_POSITION = 5
_DTYPES = (torch.float32, torch.bfloat16)


class MatrixConv2d(nn.Conv2d):
    """A convolution that is a matrix product on a CPU where it has few positions.

    oneDNN's kernels, which PyTorch takes otherwise, bring the weights into an order of
    their own in every call. On few positions that takes longer than the convolution.
    The matrix product is PyTorch's, too (``aten::thnn_conv2d``): the input's patches
    are its columns, and the weights are read as they are.
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
        if torch.is_autocast_enabled('cpu'):
            # Autocast does not know the operator.
            dtype = torch.get_autocast_dtype('cpu')
            hidden, weight = hidden.to(dtype), weight.to(dtype)
            bias = None if bias is None else bias.to(dtype)
        return torch.ops.aten.thnn_conv2d(
            hidden, weight, self.kernel_size, bias, self.stride, self.padding
        )

    def _is_product_faster(self, hidden: Tensor) -> bool:
        # A compiler finds its own way. PyTorch's counter of operations, and whatever
        # else looks at every operator, knows the plain one.
        watched = torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack()
        if watched or hidden.device.type != 'cpu':
            return False
        height, width = (
            -(-side // step)
            for side, step in zip(hidden.shape[-2:], self.stride, strict=True)
        )
        positions = len(hidden) * height * width
        return (
            hidden.dtype in _DTYPES
            and 0 < positions * _CHANNELS_PER_POSITION <= self.in_channels
        )


def use_matrix_convolutions(model: nn.Module) -> None:
    """Lets a model's plain convolutions be matrix products where that is faster.

    Parameters, their names and hooks stay as they are.

    Args:
        model: Such as a UNet, changed in place.
    """
    for module in model.modules():
        if type(module) is nn.Conv2d and _is_plain(module):
            module.__class__ = MatrixConv2d


def _is_plain(convolution: nn.Conv2d) -> bool:
    return (
        max(convolution.kernel_size) > 1
        and convolution.groups == 1
        and set(convolution.dilation) == {1}
        and convolution.padding_mode == 'zeros'
        and not isinstance(convolution.padding, str)
    )
