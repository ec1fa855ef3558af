"""What MMEngine's runner is extended by: hooks, optimizers, schedules."""

from .hooks import (
    AttentionMapHook,
    CaptionGridHook,
    FeatureContractHook,
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
from .sharding import diffusion_wrap_policy

__all__ = [
    'AttentionMapHook',
    'AutocastOptimWrapper',
    'CaptionGridHook',
    'FeatureContractHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'MergedOptimWrapperConstructor',
    'MuonAdamW',
    'MuonOptimWrapperConstructor',
    'ReconstructionGridHook',
    'TrainableEMAHook',
    'TriangularLR',
    'UndecayedVectorsOptimWrapperConstructor',
    'diffusion_wrap_policy',
]
