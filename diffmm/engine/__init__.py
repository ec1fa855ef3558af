"""What MMEngine's runner is extended by: hooks, optimizers and schedules."""

from .hooks import (
    AttentionMapHook,
    CaptionGridHook,
    InitialValidationHook,
    IterationSeedHook,
    ReconstructionGridHook,
    TrainableEMAHook,
)
from .optimizers import (
    AutocastOptimWrapper,
    MergedOptimWrapperConstructor,
    MuonAdamW,
    MuonOptimWrapperConstructor,
    UndecayedVectorsOptimWrapperConstructor,
)
from .schedulers import TriangularLR

__all__ = [
    'AttentionMapHook',
    'AutocastOptimWrapper',
    'CaptionGridHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'MergedOptimWrapperConstructor',
    'MuonAdamW',
    'MuonOptimWrapperConstructor',
    'ReconstructionGridHook',
    'TrainableEMAHook',
    'TriangularLR',
    'UndecayedVectorsOptimWrapperConstructor',
]
