"""The generative prior: load, encode, denoise, tap, attend; and its objective.

Stands on torch, diffusers and transformers, and knows no OpenMMLab library.
"""

from .architecture import Architecture, architecture_names, load_architecture
from .attention import AttentionRequest, cross_attention_with_map
from .feature_unet import FeatureUNet, UNetFeatures
from .image_encoder import ImageEncoder
from .noising import build_noising
from .objective import (
    PREDICTION_TYPES,
    STABLE_DIFFUSION_SCHEDULE,
    DiffusionObjective,
    GaussianNoise,
    NoisyLatents,
    build_schedule,
)
from .stages import STAGES, FeatureMap, resolve_maps
from .text_encoder import TextEncoder, TextFeatures
from .timestep_sampling import FavoredTimesteps, TimestepSampler, UniformTimesteps
from .tokenizer import load_tokenizer
from .unet_layers import UNetLayer
from .weights import WeightsError, open_prior, read_tensor, read_tensor_file

__all__ = [
    'Architecture',
    'AttentionRequest',
    'DiffusionObjective',
    'FavoredTimesteps',
    'FeatureMap',
    'FeatureUNet',
    'GaussianNoise',
    'ImageEncoder',
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
]
