"""The generative prior: load, encode, denoise, tap, attend; and its objective.

Stands on torch, diffusers and transformers, and knows no OpenMMLab library.
"""

from .architecture import Architecture, architecture_names, load_architecture
from .attention import AttentionRequest, cross_attention_with_map
from .contribution import (
    add_floor,
    describe_weights,
    incremental_r2,
    schedule_weights,
    spread_over_timesteps,
)
from .feature_unet import FeatureUNet, UNetFeatures
from .guidance import InstructGuidance
from .image_autoencoder import ImageAutoencoder
from .image_encoder import ImageEncoder
from .input_layer import INPUT_INITS, widen_input
from .multi_resolution_noise import MultiResolutionNoise
from .noising import build_noising
from .objective import (
    PREDICTION_TYPES,
    DiffusionObjective,
    GaussianNoise,
    NoisyLatents,
)
from .sampling import DDIMPath, DenoisingSampler, DenoisingStep
from .schedule import STABLE_DIFFUSION_SCHEDULE, build_schedule
from .stages import STAGES, FeatureMap, resolve_maps
from .text_encoder import TextEncoder, TextFeatures
from .timestep_sampling import FavoredTimesteps, TimestepSampler, UniformTimesteps
from .timestep_weights import TimestepLossWeights, WeightedTimesteps
from .tokenizer import load_tokenizer
from .unet_layers import UNetLayer
from .weights import WeightsError, open_prior, read_tensor, read_tensor_file

__all__ = [
    'Architecture',
    'AttentionRequest',
    'DDIMPath',
    'DenoisingSampler',
    'DenoisingStep',
    'DiffusionObjective',
    'FavoredTimesteps',
    'FeatureMap',
    'FeatureUNet',
    'GaussianNoise',
    'INPUT_INITS',
    'ImageAutoencoder',
    'ImageEncoder',
    'InstructGuidance',
    'MultiResolutionNoise',
    'NoisyLatents',
    'PREDICTION_TYPES',
    'STABLE_DIFFUSION_SCHEDULE',
    'STAGES',
    'TextEncoder',
    'TextFeatures',
    'TimestepLossWeights',
    'TimestepSampler',
    'UNetFeatures',
    'UNetLayer',
    'UniformTimesteps',
    'WeightedTimesteps',
    'WeightsError',
    'add_floor',
    'architecture_names',
    'build_noising',
    'build_schedule',
    'cross_attention_with_map',
    'describe_weights',
    'incremental_r2',
    'load_architecture',
    'load_tokenizer',
    'open_prior',
    'read_tensor',
    'read_tensor_file',
    'resolve_maps',
    'schedule_weights',
    'spread_over_timesteps',
    'widen_input',
]
