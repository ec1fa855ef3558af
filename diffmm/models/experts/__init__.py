"""Frozen discriminative networks beside the diffusion prior."""

from .adapted_expert import AdaptedExpert, ConvAdapter
from .timm_models import TimmBackbone, TimmExpert

__all__ = ['AdaptedExpert', 'ConvAdapter', 'TimmBackbone', 'TimmExpert']
