"""Necks between a diffusion backbone and a host's head."""

from .fused_prompt_rearrangement_neck import FusedPromptRearrangementNeck
from .prompt_rearrangement import PromptRearrangement
from .prompt_rearrangement_neck import PromptRearrangementNeck
from .recurrent_refinement_neck import RecurrentRefinementNeck
from .stride_pyramid_neck import StridePyramidNeck

__all__ = [
    'FusedPromptRearrangementNeck',
    'PromptRearrangement',
    'PromptRearrangementNeck',
    'RecurrentRefinementNeck',
    'StridePyramidNeck',
]
