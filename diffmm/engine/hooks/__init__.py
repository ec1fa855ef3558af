from .attention_map_hook import AttentionMapHook
from .caption_grid_hook import CaptionGridHook
from .feature_contract_hook import FeatureContractHook
from .initial_validation_hook import InitialValidationHook
from .iteration_seed_hook import IterationSeedHook
from .reconstruction_grid_hook import ReconstructionGridHook
from .trainable_ema_hook import TrainableEMAHook

__all__ = [
    'AttentionMapHook',
    'CaptionGridHook',
    'FeatureContractHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'ReconstructionGridHook',
    'TrainableEMAHook',
]
