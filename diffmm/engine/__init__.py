"""Extensions of MMEngine's runner: hooks, optimizers, schedules, sharding."""

from .diffusion_wrap_policy import diffusion_wrap_policy
from .hooks import (
    AttentionMapHook,
    CaptionGridHook,
    FeatureContractHook,
    InitialValidationHook,
    IterationSeedHook,
    ReconstructionGridHook,
    TargetAugmentationHook,
    TimestepSamplingHook,
    TrainableEMAHook,
)
from .optimizers import (
    AutocastOptimWrapper,
    MergedOptimWrapperConstructor,
    MuonAdamW,
    MuonOptimWrapperConstructor,
    UndecayedVectorsOptimWrapperConstructor,
)
from .triangular_lr import TriangularLR

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
    'TargetAugmentationHook',
    'TimestepSamplingHook',
    'TrainableEMAHook',
    'TriangularLR',
    'UndecayedVectorsOptimWrapperConstructor',
    'diffusion_wrap_policy',
]
