"""What MMEngine's runner is extended by: hooks and optimizer constructors."""

from .hooks import (
    AttentionMapHook,
    InitialValidationHook,
    IterationSeedHook,
    TrainableEMAHook,
)
from .optimizers import MergedOptimWrapperConstructor

__all__ = [
    'AttentionMapHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'MergedOptimWrapperConstructor',
    'TrainableEMAHook',
]
