"""Losses that no host library has."""

from .batch_silog_loss import BatchSiLogLoss
from .class_focal_loss import ClassFocalLoss

__all__ = ['BatchSiLogLoss', 'ClassFocalLoss']
