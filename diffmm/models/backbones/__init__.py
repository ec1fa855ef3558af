"""Backbones of perception models."""

from .features import DiffusionFeatures, FeatureInfo, promise_features, refine
from .stable_diffusion_backbone import StableDiffusionBackbone

__all__ = [
    'DiffusionFeatures',
    'FeatureInfo',
    'StableDiffusionBackbone',
    'promise_features',
    'refine',
]
