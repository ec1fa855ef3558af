"""The generative prior: load, encode, denoise, tap, attend; and its objective.

Stands on torch, diffusers and transformers, and knows no OpenMMLab library.
"""

from .architecture import Architecture, architecture_names, load_architecture
from .attention import AttentionRequest, cross_attention_with_map
from .feature_unet import FeatureUNet, UNetFeatures
from .image_autoencoder import ImageAutoencoder
from .image_encoder import ImageEncoder
from .input_layer import INPUT_INITS, widen_input
from .multi_resolution_noise import MultiResolutionNoise
from .objective import (
    PREDICTION_TYPES,
    STABLE_DIFFUSION_SCHEDULE,
    DiffusionObjective,
    GaussianNoise,
    NoisyLatents,
    build_schedule,
)
from .sampling import DenoisingSampler, DenoisingStep
from .text_encoder import TextEncoder, TextFeatures
from .timestep_sampling import FavoredTimesteps, TimestepSampler, UniformTimesteps
from .tokenizer import load_tokenizer
from .weights import WeightsError, open_prior, read_tensor, read_tensor_file

__all__ = [
    'Architecture',
    'AttentionRequest',
    'DenoisingSampler',
    'DenoisingStep',
    'DiffusionObjective',
    'FavoredTimesteps',
    'FeatureUNet',
    'GaussianNoise',
    'INPUT_INITS',
    'ImageAutoencoder',
    'ImageEncoder',
    'MultiResolutionNoise',
    'NoisyLatents',
    'PREDICTION_TYPES',
    'STABLE_DIFFUSION_SCHEDULE',
    'TextEncoder',
    'TextFeatures',
    'TimestepSampler',
    'UNetFeatures',
    'UniformTimesteps',
    'WeightsError',
    'architecture_names',
    'build_schedule',
    'cross_attention_with_map',
    'load_architecture',
    'load_tokenizer',
    'open_prior',
    'read_tensor',
    'read_tensor_file',
    'widen_input',
]
