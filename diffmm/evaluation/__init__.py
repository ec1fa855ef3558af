"""Metrics that no host library has."""

from .metrics import DenoisingError, ReconstructionPSNR
from .roc_auc import roc_auc

__all__ = ['DenoisingError', 'ReconstructionPSNR', 'roc_auc']
