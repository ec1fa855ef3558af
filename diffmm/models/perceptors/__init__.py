"""Generative perception: models that denoise their own prediction."""

from .depth_codec import AffineDepthCodec
from .depth_ensemble import DepthEnsemble
from .diffusion_perceptor import Conditioning, DiffusionPerceptor
from .image_condition import ImageCondition
from .marigold_pipeline import as_marigold_pipeline
from .target_codec import PictureTarget, TargetCodec

__all__ = [
    'AffineDepthCodec',
    'Conditioning',
    'DepthEnsemble',
    'DiffusionPerceptor',
    'ImageCondition',
    'PictureTarget',
    'TargetCodec',
    'as_marigold_pipeline',
]
