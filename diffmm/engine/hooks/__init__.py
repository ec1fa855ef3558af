from .attention_map_hook import AttentionMapHook
from .before_training_hooks import FeatureContractHook, InitialValidationHook
from .class_order_hook import ClassOrderHook
from .image_grid_hooks import CaptionGridHook, ReconstructionGridHook
from .iteration_seed_hook import IterationSeedHook
from .target_augmentation_hook import TargetAugmentationHook
from .timestep_sampling_hook import TimestepSamplingHook
from .trainable_ema_hook import TrainableEMAHook
from .write_result_hook import WriteResultHook

__all__ = [
    'AttentionMapHook',
    'CaptionGridHook',
    'ClassOrderHook',
    'FeatureContractHook',
    'InitialValidationHook',
    'IterationSeedHook',
    'ReconstructionGridHook',
    'TargetAugmentationHook',
    'TimestepSamplingHook',
    'TrainableEMAHook',
    'WriteResultHook',
]
