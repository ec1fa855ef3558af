from .autocast_optim_wrapper import AutocastOptimWrapper
from .merged_optim_wrapper_constructor import (
    MergedOptimWrapperConstructor,
    UndecayedVectorsOptimWrapperConstructor,
)
from .muon import MuonAdamW, MuonOptimWrapperConstructor

__all__ = [
    'AutocastOptimWrapper',
    'MergedOptimWrapperConstructor',
    'MuonAdamW',
    'MuonOptimWrapperConstructor',
    'UndecayedVectorsOptimWrapperConstructor',
]
