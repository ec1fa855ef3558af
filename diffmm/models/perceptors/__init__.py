"""Generative perception: models that denoise their own prediction."""

from .class_and_box_transforms import JitterBoxes, RelabelRegions
from .condition_dropout import ConditionDropout
from .conditional_denoiser import ConditionalDenoiser, Conditioning
from .denoising_quality import DenoisingQuality, measure_denoising
from .depth_codec import AffineDepthCodec
from .depth_ensemble import DepthEnsemble
from .diffusion_perceptor import DiffusionPerceptor
from .image_condition import ImageCondition, ImageInput
from .instruct_perceptor import InstructPerceptor
from .instruct_pix2pix_pipeline import as_instruct_pix2pix_pipeline
from .marigold_pipeline import as_marigold_pipeline
from .mask_codec import MaskCodec, OverlayMaskCodec, WhiteMaskCodec
from .mask_transforms import ChangeMaskColor, EraseMask, MaskTransform, ShiftMask
from .one_step_perceptor import OneStepPerceptor
from .target_augmentation import BlurTarget, TargetAugmentation, TargetTransform
from .target_codec import PictureTarget, TargetCodec

__all__ = [
    'AffineDepthCodec',
    'BlurTarget',
    'ChangeMaskColor',
    'ConditionDropout',
    'ConditionalDenoiser',
    'Conditioning',
    'DenoisingQuality',
    'DepthEnsemble',
    'DiffusionPerceptor',
    'EraseMask',
    'ImageCondition',
    'ImageInput',
    'InstructPerceptor',
    'JitterBoxes',
    'MaskCodec',
    'MaskTransform',
    'OneStepPerceptor',
    'OverlayMaskCodec',
    'PictureTarget',
    'RelabelRegions',
    'ShiftMask',
    'TargetAugmentation',
    'TargetCodec',
    'TargetTransform',
    'WhiteMaskCodec',
    'as_instruct_pix2pix_pipeline',
    'as_marigold_pipeline',
    'measure_denoising',
]
