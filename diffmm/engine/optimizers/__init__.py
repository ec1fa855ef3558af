from .autocast_optim_wrapper import AutocastOptimWrapper
from .merged_optim_wrapper_constructor import (
    MergedOptimWrapperConstructor,
    UndecayedVectorsOptimWrapperConstructor,
)
from .muon_adamw import MuonAdamW
from .muon_optim_wrapper_constructor import MuonOptimWrapperConstructor

__all__ = [
    'AutocastOptimWrapper',
    'MergedOptimWrapperConstructor',
    'MuonAdamW',
    'MuonOptimWrapperConstructor',
    'UndecayedVectorsOptimWrapperConstructor',
]
