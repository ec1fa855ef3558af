"""The generative prior: load, encode, denoise, tap, attend.

Stands on torch, diffusers and transformers, and knows no OpenMMLab library.
"""

from .architecture import Architecture, architecture_names, load_architecture
from .attention import AttentionRequest, cross_attention_with_map
from .feature_unet import FeatureUNet, UNetFeatures
from .image_encoder import ImageEncoder
from .text_encoder import TextEncoder, TextFeatures
from .tokenizer import load_tokenizer
from .weights import WeightsError, open_prior, read_tensor, read_tensor_file

__all__ = [
    'Architecture',
    'AttentionRequest',
    'FeatureUNet',
    'ImageEncoder',
    'TextEncoder',
    'TextFeatures',
    'UNetFeatures',
    'WeightsError',
    'architecture_names',
    'cross_attention_with_map',
    'load_architecture',
    'load_tokenizer',
    'open_prior',
    'read_tensor',
    'read_tensor_file',
]
