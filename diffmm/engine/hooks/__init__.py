from .attention_map_hook import AttentionMapHook
from .initial_validation_hook import InitialValidationHook
from .iteration_seed_hook import IterationSeedHook
from .trainable_ema_hook import TrainableEMAHook

__all__ = [
    'AttentionMapHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'TrainableEMAHook',
]
