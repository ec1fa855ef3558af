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
from .noising import build_noising
from .objective import (
    PREDICTION_TYPES,
    STABLE_DIFFUSION_SCHEDULE,
    DiffusionObjective,
    GaussianNoise,
    NoisyLatents,
    build_schedule,
)
from .sampling import DenoisingSampler, DenoisingStep
from .stages import STAGES, FeatureMap, resolve_maps
from .text_encoder import TextEncoder, TextFeatures
from .timestep_sampling import FavoredTimesteps, TimestepSampler, UniformTimesteps
from .tokenizer import load_tokenizer
from .unet_layers import UNetLayer
from .weights import WeightsError, open_prior, read_tensor, read_tensor_file

__all__ = [
    'Architecture',
    'AttentionRequest',
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
    'MultiResolutionNoise',
    'NoisyLatents',
    'PREDICTION_TYPES',
    'STABLE_DIFFUSION_SCHEDULE',
    'STAGES',
    'TextEncoder',
    'TextFeatures',
    'TimestepSampler',
    'UNetFeatures',
    'UNetLayer',
    'UniformTimesteps',
    'WeightsError',
    'architecture_names',
    'build_noising',
    'build_schedule',
    'cross_attention_with_map',
    'load_architecture',
    'load_tokenizer',
    'open_prior',
    'read_tensor',
    'read_tensor_file',
    'resolve_maps',
    'widen_input',
]
