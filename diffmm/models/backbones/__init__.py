"""Backbones of perception models."""

from .features import DiffusionFeatures, FeatureInfo
from .stable_diffusion_backbone import StableDiffusionBackbone

__all__ = ['DiffusionFeatures', 'FeatureInfo', 'StableDiffusionBackbone']
