"""Generative perception: models that denoise their own prediction."""

from .box_codec import BoxOutlineCodec
from .class_and_box_transforms import JitterBoxes, RelabelRegions
from .color_codec import AnswerColorCodec
from .condition_dropout import ConditionDropout
from .conditional_denoiser import ConditionalDenoiser
from .conditioning import Conditioning
from .denoising_quality import DenoisingQuality, measure_denoising
from .depth_codec import AffineDepthCodec
from .depth_ensemble import DepthEnsemble
from .diffusion_perceptor import DiffusionPerceptor
from .generalist_perceptor import GeneralistPerceptor
from .image_condition import ImageCondition, ImageInput
from .instruct_perceptor import InstructPerceptor
from .instruct_pix2pix_pipeline import as_instruct_pix2pix_pipeline
from .marigold_pipeline import as_marigold_pipeline
from .mask_codec import MaskCodec, OverlayMaskCodec, WhiteMaskCodec
from .mask_transforms import ChangeMaskColor, EraseMask, MaskTransform, ShiftMask
from .metric_depth_codec import MetricDepthCodec
from .one_step_perceptor import OneStepPerceptor
from .queries import Queries
from .query_codec import QueryCodec
from .target_augmentation import BlurTarget, TargetAugmentation, TargetTransform
from .target_codec import PictureTarget, TargetCodec
from .task_queries import (
    ClassificationQueries,
    DepthQueries,
    DetectionQueries,
    SegmentationQueries,
)

__all__ = [
    'AffineDepthCodec',
    'AnswerColorCodec',
    'BlurTarget',
    'BoxOutlineCodec',
    'ChangeMaskColor',
    'ClassificationQueries',
    'ConditionDropout',
    'ConditionalDenoiser',
    'Conditioning',
    'DenoisingQuality',
    'DepthEnsemble',
    'DepthQueries',
    'DetectionQueries',
    'DiffusionPerceptor',
    'EraseMask',
    'GeneralistPerceptor',
    'ImageCondition',
    'ImageInput',
    'InstructPerceptor',
    'JitterBoxes',
    'MaskCodec',
    'MaskTransform',
    'MetricDepthCodec',
    'OneStepPerceptor',
    'OverlayMaskCodec',
    'PictureTarget',
    'Queries',
    'QueryCodec',
    'RelabelRegions',
    'SegmentationQueries',
    'ShiftMask',
    'TargetAugmentation',
    'TargetCodec',
    'TargetTransform',
    'WhiteMaskCodec',
    'as_instruct_pix2pix_pipeline',
    'as_marigold_pipeline',
    'measure_denoising',
]
