"""Generative perception: models that denoise their own prediction."""

from .conditional_denoiser import ConditionalDenoiser, Conditioning
from .depth_codec import AffineDepthCodec
from .depth_ensemble import DepthEnsemble
from .diffusion_perceptor import DiffusionPerceptor
from .image_condition import ImageCondition
from .marigold_pipeline import as_marigold_pipeline
from .target_codec import PictureTarget, TargetCodec

__all__ = [
    'AffineDepthCodec',
    'ConditionalDenoiser',
    'Conditioning',
    'DepthEnsemble',
    'DiffusionPerceptor',
    'ImageCondition',
    'PictureTarget',
    'TargetCodec',
    'as_marigold_pipeline',
]
