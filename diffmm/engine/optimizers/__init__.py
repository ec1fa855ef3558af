from .autocast_optim_wrapper import AutocastOptimWrapper
from .merged_optim_wrapper_constructor import MergedOptimWrapperConstructor
from .muon_adamw import MuonAdamW
from .muon_optim_wrapper_constructor import MuonOptimWrapperConstructor
from .undecayed_vectors_optim_wrapper_constructor import (
    UndecayedVectorsOptimWrapperConstructor,
)

__all__ = [
    'AutocastOptimWrapper',
    'MergedOptimWrapperConstructor',
    'MuonAdamW',
    'MuonOptimWrapperConstructor',
    'UndecayedVectorsOptimWrapperConstructor',
]
