"""Metrics that no host library has."""

from .metrics import (
    DenoisingError,
    PerImageDepthMetric,
    ReconstructionPSNR,
    ReferringIoUMetric,
)
from .roc_auc import roc_auc

__all__ = [
    'DenoisingError',
    'PerImageDepthMetric',
    'ReconstructionPSNR',
    'ReferringIoUMetric',
    'roc_auc',
]
