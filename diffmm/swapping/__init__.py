"""Swapping the backbone of a host's config, and checking what was swapped."""

from .change import Change
from .feature_contract import check_feature_contract
from .feature_map import FeatureMap
from .swap_backbone import swap_backbone
from .swap_error import SwapError

__all__ = [
    'Change',
    'FeatureMap',
    'SwapError',
    'check_feature_contract',
    'swap_backbone',
]
