"""Losses that no host library has."""

from .aligned_depth_losses import (
    AlignedDepthLoss,
    DepthGradientLoss,
    PixelLoss,
    SquaredDepthLoss,
)
from .batch_silog_loss import BatchSiLogLoss
from .class_focal_loss import ClassFocalLoss

__all__ = [
    'AlignedDepthLoss',
    'BatchSiLogLoss',
    'ClassFocalLoss',
    'DepthGradientLoss',
    'PixelLoss',
    'SquaredDepthLoss',
]
