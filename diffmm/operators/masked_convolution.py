"""Masked convolution, in place of mmcv's compiled functions.

mmcv copies what the kernel sees at the places of a mask, multiplies, and writes the
results back; it has no backward of it.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ['masked_col2im_forward', 'masked_im2col_forward']


def masked_im2col_forward(
    im: Tensor,
    mask_h_idx: Tensor,
    mask_w_idx: Tensor,
    col: Tensor,
    kernel_h: int,
    kernel_w: int,
    pad_h: int,
    pad_w: int,
) -> None:
    """Copies what a convolution sees from some places.

    Args:
        im: One image ``(1, C, H, W)``.
        mask_h_idx: Rows of the places ``(K,)``.
        mask_w_idx: Columns of the places ``(K,)``.
        col: Written: ``(C * kernel_h * kernel_w, K)``.
        kernel_h: Height of the kernel.
        kernel_w: Width of the kernel.
        pad_h: Vertical padding.
        pad_w: Horizontal padding.
    """
    size, padding = (kernel_h, kernel_w), (pad_h, pad_w)
    windows = functional.unfold(im, size, padding=padding)
    columns = im.shape[-1] + 2 * pad_w - kernel_w + 1
    col.copy_(windows[0][:, mask_h_idx * columns + mask_w_idx])


def masked_col2im_forward(
    col: Tensor,
    mask_h_idx: Tensor,
    mask_w_idx: Tensor,
    im: Tensor,
    height: int,
    width: int,
    channels: int,
) -> None:
    """Writes a convolution's results to their places.

    Args:
        col: Results ``(channels, K)``.
        mask_h_idx: Rows of the places ``(K,)``.
        mask_w_idx: Columns of the places ``(K,)``.
        im: Written: ``(1, channels, height, width)``.
        height: Rows.
        width: Columns.
        channels: Channels.
    """
    im[0, :, mask_h_idx, mask_w_idx] = col
