from .attention_map_hook import AttentionMapHook
from .before_training_hooks import FeatureContractHook, InitialValidationHook
from .image_grid_hooks import CaptionGridHook, ReconstructionGridHook
from .iteration_seed_hook import IterationSeedHook
from .trainable_ema_hook import TrainableEMAHook
from .write_result_hook import WriteResultHook

__all__ = [
    'AttentionMapHook',
    'CaptionGridHook',
    'FeatureContractHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'ReconstructionGridHook',
    'TrainableEMAHook',
    'WriteResultHook',
]
