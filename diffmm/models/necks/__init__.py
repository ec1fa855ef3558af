"""Necks between a diffusion backbone and a host's head."""

from mmengine.registry import MODELS

from diffmm.utils.host_import import import_with_host

from .attention_pool import AttentionPool, VectorAdapter
from .fused_prompt_rearrangement_neck import FusedPromptRearrangementNeck
from .prompt_rearrangement import PromptRearrangement
from .prompt_rearrangement_neck import PromptRearrangementNeck
from .recurrent_refinement_neck import RecurrentRefinementNeck
from .stride_pyramid_neck import StridePyramidNeck
from .u_head import MeanFusion, UHead

LateralFPN = import_with_host('LateralFPN', '.lateral_fpn', __name__, 'mmseg', MODELS)

__all__ = [
    'AttentionPool',
    'FusedPromptRearrangementNeck',
    'LateralFPN',
    'MeanFusion',
    'PromptRearrangement',
    'PromptRearrangementNeck',
    'RecurrentRefinementNeck',
    'StridePyramidNeck',
    'UHead',
    'VectorAdapter',
]
