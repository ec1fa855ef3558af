"""What MMEngine's runner is extended by: hooks and optimizers."""

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
)

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
]
