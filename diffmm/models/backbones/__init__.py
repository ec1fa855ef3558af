"""Backbones of perception models."""

from .diffusion_features import DiffusionFeatures
from .feature_info import FeatureInfo
from .stable_diffusion_backbone import StableDiffusionBackbone

__all__ = ['DiffusionFeatures', 'FeatureInfo', 'StableDiffusionBackbone']
